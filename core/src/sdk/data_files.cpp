#include "pressroom/data_files.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/file_kinds.h"
#include "base/sha256.h"
#include "base/strings.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

bool fits(const fs::path& file, const DataLayout& layout) {
  const std::string name = file.filename().string();
  return std::any_of(layout.endings.begin(), layout.endings.end(),
                     [&](const std::string& ending) { return has_ending(name, ending); });
}

struct Listing {
  std::vector<fs::path> fitting, others, folders;  // each sorted
};

// As far as it can be read; `failed` says why it ended early.
Listing list(const fs::path& folder, const DataLayout& layout, std::error_code& failed) {
  Listing listing;
  std::error_code unknown;
  const fs::directory_iterator end;
  for (fs::directory_iterator at(folder, failed); !failed && at != end; at.increment(failed)) {
    const fs::path& path = at->path();
    if (path.filename().string().front() == '.') continue;
    if (at->is_directory(unknown)) {
      listing.folders.push_back(path);
    } else if (at->is_regular_file(unknown)) {
      (fits(path, layout) ? listing.fitting : listing.others).push_back(path);
    }
  }
  for (auto* paths : {&listing.fitting, &listing.others, &listing.folders}) {
    // By name without the compression's ending: a.txt and a.txt.gz become neighbours, which is
    // where check_each_is_there_once looks.
    std::sort(paths->begin(), paths->end(), [](const fs::path& a, const fs::path& b) {
      return std::make_pair(document_name(a), a) < std::make_pair(document_name(b), b);
    });
  }
  return listing;
}

// `files` are sorted.
void check_each_is_there_once(const std::vector<fs::path>& files) {
  const auto twice = std::adjacent_find(
      files.begin(), files.end(),
      [](const fs::path& a, const fs::path& b) { return document_name(a) == document_name(b); });
  if (twice == files.end()) return;
  throw Error({"the folder holds a file twice", twice->parent_path().string(),
               "each file once, compressed or not",
               twice->filename().string() + " and " + (twice + 1)->filename().string(),
               "move one of them elsewhere, or give the path of one"});
}

// "12 *.json.gz, 1 *.md, train/, test/"
std::string in_words(const Listing& listing) {
  constexpr std::size_t kMostWords = 6;
  std::map<std::string, int> patterns;
  for (const fs::path& file : listing.others) ++patterns[name_pattern(file.filename().string())];
  std::vector<std::string> words;
  words.reserve(patterns.size());
  for (const auto& [pattern, count] : patterns) {
    words.push_back(std::to_string(count) + " " + pattern);
  }
  for (const fs::path& folder : listing.folders) words.push_back(folder.filename().string() + "/");
  if (words.empty()) return "an empty folder";
  if (words.size() > kMostWords) {
    words.resize(kMostWords);
    words.push_back("...");
  }
  return joined(words);
}

std::string advice(const Listing& listing, const DataLayout& layout) {
  for (const fs::path& file : listing.others) {
    const auto foreign = foreign_format(file.string());
    if (!foreign.empty()) return foreign.front().fix;
  }
  std::vector<std::string> folders;
  for (const fs::path& folder : listing.folders) {
    std::error_code unreadable;
    if (!list(folder, layout, unreadable).fitting.empty()) folders.push_back(folder.string());
  }
  if (!folders.empty()) return "give one of its folders: " + joined(folders);
  return "check the path, or take the reader of such files (pressroom list datasets); " +
         layout.get;
}

}  // namespace

std::vector<fs::path> find_data_files(const fs::path& path, const DataLayout& layout) {
  std::error_code failed;
  const PathKind kind = kind_at(path, failed);
  if (kind == PathKind::kFile) {
    std::vector<Problem> problems = foreign_format(path.string());
    if (!problems.empty()) throw Error(std::move(problems));
    return {path};
  }
  if (is_waited_for(kind)) {
    throw Error({"this is no file", path.string(), layout.holds, words_of(kind), kNoPipes});
  }
  if (kind != PathKind::kFolder) {
    throw Error({"there is no such file or folder", path.string(), layout.holds,
                 words_of(kind, failed), "check the path; " + layout.get});
  }
  const Listing listing = list(path, layout, failed);
  if (failed) {
    throw Error({"the folder cannot be read", path.string(), layout.holds, failed.message(),
                 "check its permissions"});
  }
  if (!listing.fitting.empty()) {
    check_each_is_there_once(listing.fitting);
    return listing.fitting;
  }
  std::vector<std::string> patterns;
  for (const std::string& ending : layout.endings) patterns.push_back("*" + ending);
  throw Error({"this does not look like " + layout.holds, path.string(),
               joined(patterns) + ", also with .gz, .zst, .xz or .bz2 behind", in_words(listing),
               advice(listing, layout)});
}

ParameterSpec max_documents_parameter() {
  return integer("max_documents", 0, "stop after so many; 0: read all").at_least(0);
}

DataFiles::DataFiles(std::vector<fs::path> files, Encoding encoding)
    : files_(std::move(files)), encoding_(encoding) {}

DataFile* DataFiles::open_next() {
  current_.reset();
  if (opened_.size() == files_.size()) return nullptr;
  current_ = std::make_unique<DataFile>(files_[opened_.size()], encoding_, max_document_mb_);
  opened_.emplace_back();
  return current_.get();
}

std::optional<Document> DataFiles::next_whole() {
  DataFile* file = open_next();
  if (file == nullptr) return std::nullopt;
  Document document;
  document.id = file->name();
  document.text = file->rest();
  if (document.text.empty()) {
    throw Error({"a text cannot be used", file->path().string(), "a readable file with text in it",
                 "an empty file", "check the file"});
  }
  document.provenance = file->provenance(document.text.size());
  count_document();
  return document;
}

void DataFiles::rewind() {
  current_.reset();
  opened_.clear();
}

std::vector<SourceFile> DataFiles::sources() const {
  std::vector<SourceFile> sources;
  for (std::size_t i = 0; i < opened_.size(); ++i) {
    const std::string path = files_[i].string();
    auto found = hashed_.find(path);
    if (found == hashed_.end()) {
      SourceFile source;
      source.path = path;
      source.bytes = static_cast<std::int64_t>(fs::file_size(files_[i]));
      source.sha256 = sha256_file(files_[i]);
      found = hashed_.emplace(path, std::move(source)).first;
    }
    sources.push_back(found->second);
    sources.back().documents = opened_[i].documents;
    sources.back().skipped = opened_[i].skipped;
  }
  return sources;
}

}  // namespace pressroom
