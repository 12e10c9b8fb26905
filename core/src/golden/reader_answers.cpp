#include "golden/reader_answers.h"

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/sha256.h"
#include "base/utf8.h"
#include "campaign/sampling.h"
#include "plugin/boundary.h"
#include "pressroom/error.h"
#include "tokenizer/tokenizer.h"

namespace pressroom {
namespace {

constexpr std::size_t kMostIdBytes = 200;

// An id as a file can hold it, whatever bytes it has and however many.
std::string recorded_id(const std::string& id) {
  const std::string text = escaped(id);
  if (text.size() <= kMostIdBytes) return text;
  return text.substr(0, valid_utf8_length(text.substr(0, kMostIdBytes / 2))) + "... " +
         sha256_hex(id);
}

nlohmann::ordered_json recorded_document(const Document& document) {
  nlohmann::ordered_json json = {{"id", recorded_id(document.id)},
                                 {"sha256", document.ids.empty() ? sha256_hex(document.text)
                                                                 : token_ids_sha256(document.ids)}};
  std::string places;
  for (const Answer& answer : document.answers) {
    if (!places.empty()) places += ' ';
    places += std::to_string(answer.begin) + '-' + std::to_string(answer.end);
  }
  if (!places.empty()) json["answers"] = std::move(places);
  return json;
}

class ReaderOfGolden {
 public:
  ReaderOfGolden(const PluginUse& use, const StarterModel& starter, PluginHost& host,
                 const RunControl& control)
      : label_(quoted_label(PluginKind::kDataset, use.name)),
        file_(host.find(PluginKind::kDataset, use.name).file),
        control_(control),
        tokenizer_(Tokenizer::load(starter.files.tokenizer)),
        reader_(make_configured_dataset(use, host)) {
    ReadingContext context;
    context.context_tokens = kGoldenDocumentTokens;
    context.count_tokens = [this](const std::string& text) {
      return static_cast<std::int64_t>(tokenizer_->encode(text, Special::kNone).size());
    };
    context.encode = [this](const std::string& text) {
      return tokenizer_->encode(text, Special::kNone);
    };
    inside("being prepared", [&] { reader_->prepare(context); });
  }

  ReaderAnswers twice() {
    const ReaderAnswers first = once();
    const ReaderAnswers second = once();
    for (std::size_t i = 0; i < first.answers.size() && i < second.answers.size(); ++i) {
      if (first.answers[i] == second.answers[i]) continue;
      refuse_other("document " + std::to_string(i + 1) + ": " + first.answers[i].dump(),
                   second.answers[i].dump());
    }
    if (first.documents != second.documents || first.ended != second.ended) {
      refuse_other(std::to_string(first.documents) + " documents",
                   std::to_string(second.documents));
    }
    if (first.documents > 0) return first;
    throw Error({label_ + " has no documents, and so no golden answer", file_.string(),
                 "one document at least", "none",
                 "have bundle.yaml say under `golden` what it reads: texts in the project"});
  }

 private:
  [[noreturn]] void refuse_other(const std::string& expected, const std::string& got) const {
    throw Error({label_ + " reads other documents after rewind()", file_.string(), expected, got,
                 "have it begin again where it began: every method is shown the same documents"});
  }

  template <typename Call>
  auto inside(const char* doing, Call&& call) -> decltype(call()) {
    return at_plugin_boundary(label_, doing, file_, std::forward<Call>(call));
  }

  ReaderAnswers once() {
    inside("rewinding", [&] { reader_->rewind(); });
    ReaderAnswers read;
    read.answers = nlohmann::ordered_json::array();
    std::set<std::string> ids;
    while (read.documents < kMostGoldenDocuments) {
      if (control_.stop_requested()) throw Interrupted();
      const std::optional<Document> document = inside("reading", [&] { return reader_->next(); });
      if (!document) {
        read.ended = true;
        return read;
      }
      if (!ids.insert(document->id).second) {
        throw Error({label_ + " gives two documents one id", file_.string(), "ids that are unique",
                     document->id, "fix the dataset or its reader: results are paired by id"});
      }
      read.answers.push_back(recorded_document(*document));
      ++read.documents;
    }
    read.ended = !inside("reading", [&] { return reader_->next(); }).has_value();
    return read;
  }

  std::string label_;
  std::filesystem::path file_;
  const RunControl& control_;
  std::unique_ptr<Tokenizer> tokenizer_;
  std::unique_ptr<DatasetReader> reader_;
};

}  // namespace

ReaderAnswers reader_answers(const PluginUse& use, const StarterModel& starter, PluginHost& host,
                             const RunControl& control) {
  return ReaderOfGolden(use, starter, host, control).twice();
}

}  // namespace pressroom
