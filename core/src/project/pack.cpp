#include "project/pack.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "bundle/bundle_contents.h"
#include "bundle/member_path.h"
#include "pressroom/error.h"
#include "project/packed_plugins.h"
#include "project/project_description.h"
#include "project/project_sources.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLicenceFiles[] = {"LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE",
                                         "COPYING"};

bool still_open(const std::string& text) { return text.find(kToBeFilledIn) != std::string::npos; }

class Packer {
 public:
  explicit Packer(const PackRequest& request) : request_(request) {}

  PackedBundle packed() {
    read_everything();
    if (!mistakes_.empty()) throw Error(std::move(mistakes_));
    PackedBundle bundle;
    bundle.members = std::move(sources_.members);
    bundle.members.merge(plugins_.members);
    bundle.members[kReadmePath] = {bundle.members.at(source_path("README.md")).bytes, false};
    bundle.members[kGoldenPath] = {request_.golden, false};
    bundle.manifest = manifest();
    bundle.manifest.files = listed_files(bundle.members);
    const std::string where = bundle_file_name(bundle.manifest);
    bundle.members[kManifestPath] = {bundle_manifest_text(bundle.manifest, where), false};
    verify_contents(bundle.members, where);  // what everybody else will hold it to
    return bundle;
  }

 private:
  // Everything that can be wrong is looked at before anything is said.
  void read_everything() {
    collect([&] { description_ = read_project(request_.project); });
    collect([&] { sources_ = read_sources(request_.project, mistakes_); });
    plugins_ = read_plugins(request_.plugins, mistakes_);
    check_files();
    check_filled_in();
    check_clean();
    for (const auto& [sdk, file] : plugins_.sdks) check_sdk(sdk, file);
  }

  template <typename Call>
  void collect(const Call& call) {
    try {
      call();
    } catch (const Error& error) {
      mistakes_.insert(mistakes_.end(), error.problems().begin(), error.problems().end());
    }
  }

  void refuse(const std::string& what, const std::string& where, const std::string& expected,
              const std::string& got, const std::string& fix) {
    mistakes_.push_back({what, where, expected, got, fix});
  }

  static std::string source_path(const std::string& name) { return kSourceFolder + name; }
  std::string place(const std::string& name) const { return (request_.project / name).string(); }
  const BundleMember* source(const std::string& name) const {
    const auto found = sources_.members.find(source_path(name));
    return found == sources_.members.end() ? nullptr : &found->second;
  }

  void refuse_missing(const std::string& name, const std::string& expected,
                      const std::string& fix) {
    std::error_code ignored;
    const bool is_ignored = fs::exists(request_.project / name, ignored);
    refuse("the project lacks a file that every bundle has", place(name), expected,
           is_ignored ? "a file that is not packed: git is told to ignore it, or it is refused"
                      : "no such file",
           fix);
  }

  void check_files() {
    if (source("README.md") == nullptr) {
      refuse_missing("README.md", "what the plugin does, its parameters, its paper", "write it");
    }
    if (source("CMakeLists.txt") == nullptr) {
      refuse_missing("CMakeLists.txt", "what builds the plugin against an installed Pressroom",
                     "take the one of a new project (pressroom plugin new): a folder of "
                     "Pressroom's own tree is built by that, and packed from a copy that has one");
    }
    // Without bundle.yaml nothing can be described, and that was said.
    if (source(kProjectFile) == nullptr && description_) {
      refuse_missing(kProjectFile, "the file that describes the bundle", "add it to git");
    }
    const bool has_licence = std::any_of(std::begin(kLicenceFiles), std::end(kLicenceFiles),
                                         [&](const char* name) { return source(name) != nullptr; });
    if (!has_licence) {
      refuse_missing("LICENSE", "the licence that bundle.yaml names, in full",
                     "its text belongs into LICENSE");
    }
  }

  void check_filled_in() {
    if (const BundleMember* readme = source("README.md")) {
      check_lines("README.md", readme->bytes);
    }
    if (const BundleMember* description = source(kProjectFile)) {
      check_lines(kProjectFile, description->bytes);
    }
    if (!plugins_.record) return;
    for (const char* key : {"summary", "paper"}) {
      const bool is_open = still_open(declared(key));
      if (is_open) {
        refuse("the plugin still says that something is to be filled in",
               request_.plugins.front().string(), key, declared(key), "say it in its source");
      }
    }
    if (description_ && !description_->summary && declared("summary").empty()) {
      refuse("nothing says what the plugin does", place(kProjectFile), "a summary of one line",
             "none, and the plugin declares none", "add \"summary: ...\"");
    }
  }

  // The lines of a file that its author has not come to yet; comments of YAML are no answers.
  void check_lines(const std::string& name, const std::string& text) {
    int line = 1;
    for (std::size_t begin = 0; begin < text.size(); ++line) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      std::string words = text.substr(begin, end - begin);
      if (name == kProjectFile) words = words.substr(0, words.find('#'));
      if (still_open(words)) {
        refuse("something is still to be filled in", place(name) + ':' + std::to_string(line),
               "what whoever gets the plugin wants to know", words, "fill it in");
      }
      begin = end + 1;
    }
  }

  void check_clean() {
    if (sources_.changes.empty() || request_.allow_dirty) return;
    constexpr std::size_t kMostShown = 5;
    std::vector<std::string> shown = sources_.changes;
    if (shown.size() > kMostShown) {
      shown.resize(kMostShown);
      shown.push_back("...");
    }
    refuse("the project differs from what is committed", request_.project.string(),
           "a clean working tree, so that its commit says what the bundle was made of",
           counted(static_cast<std::int64_t>(sources_.changes.size()), "change: ", "changes: ") +
               joined(shown),
           "commit it, or allow it: --allow-dirty");
  }

  void check_sdk(const SdkVersion& sdk, const std::string& file) {
    if (!description_ || description_->sdk.holds(sdk)) return;
    refuse("the plugin was built with an SDK that bundle.yaml excludes", file,
           "from " + description_->sdk.minimum.text() + ", below " + description_->sdk.below.text(),
           sdk.text(), "change \"sdk\" in bundle.yaml, or build it with another");
  }

  std::string declared(const std::string& key) const {
    const auto found = plugins_.record->description.find(key);
    return found == plugins_.record->description.end() ? "" : found->second;
  }

  BundleManifest manifest() const {
    BundleManifest manifest;
    manifest.name = plugins_.record->name;
    manifest.kind = plugins_.record->kind;
    manifest.version = plugins_.version;
    manifest.licence = description_->licence;
    manifest.authors = description_->authors;
    manifest.summary = description_->summary.value_or(declared("summary"));
    manifest.paper = description_->paper.value_or(declared("paper"));
    manifest.sdk = description_->sdk;
    manifest.source = sources_.source;
    return manifest;
  }

  const PackRequest& request_;
  std::optional<ProjectDescription> description_;  // nothing after a mistake in it
  ProjectSources sources_;
  PackedPlugins plugins_;
  std::vector<Problem> mistakes_;
};

}  // namespace

PackedBundle pack(const PackRequest& request) { return Packer(request).packed(); }

}  // namespace pressroom
