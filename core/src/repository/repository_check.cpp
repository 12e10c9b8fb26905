#include "bundle/bundle_archive.h"
#include "bundle/bundle_contents.h"
#include "repository/judged_bundle.h"
#include "repository/leftovers.h"
#include "repository/repository.h"
#include "repository/signer.h"

namespace pressroom {
namespace {

// The entry as its text has it.
std::string entry_text(const IndexedBundle& entry, const std::string& where) {
  RepositoryIndex index;
  index.bundles.push_back(entry);
  return repository_index_text(index, where);
}

}  // namespace

void Repository::check_bundle(const IndexedBundle& bundle) const {
  const std::string where = source_->where(bundle.file);
  const std::string bytes = fetch(bundle);
  const BundleMembers members = parse_bundle(bytes, where);
  const IndexedBundle found = indexed_bundle(bytes, verify_contents(members, where));
  if (entry_text(found, where) != entry_text(bundle, where)) {
    throw Error({"the index says something else of a bundle than its manifest", where,
                 "name, version, texts and variants of the manifest",
                 found.name + ' ' + found.version.text() + " in the bundle",
                 "ask the repository's maintainer to publish it again"});
  }
  check_key(bundle_signer(members, known_.keys, where));
}

RepositoryCheck Repository::check(
    const std::function<void(const IndexedBundle&)>& on_bundle) const {
  RepositoryCheck check;
  for (const IndexedBundle& bundle : index_.bundles) {
    if (on_bundle) on_bundle(bundle);
    try {
      check_bundle(bundle);
    } catch (const Error& error) {
      check.problems.insert(check.problems.end(), error.problems().begin(), error.problems().end());
    }
  }
  if (is_web_location(known_.location)) return check;
  for (const Leftover& left : leftovers_in(known_.location, index_, index_text_)) {
    check.harmless.push_back(left.file.string() + ": " + left.what);
  }
  return check;
}

}  // namespace pressroom
