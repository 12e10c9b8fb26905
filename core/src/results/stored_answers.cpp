#include "results/stored_answers.h"

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "base/whole_file.h"
#include "pressroom/error.h"
#include "results/record_json.h"
#include "results/stored_cell.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kAnswersSchema = "pressroom.answers/1";

Json evidence_to_json(const StoredAnswer& answer) {
  if (answer.held.entries == 0) return nullptr;
  Json tokens = Json::array();
  for (const auto& [begin, end] : answer.evidence) tokens.push_back({begin, end});
  return {{"tokens", tokens},
          {"asked_at", answer.asked_at},
          {"entries", answer.held.entries},
          {"held", answer.held.of_head}};
}

Json answer_to_json(const StoredAnswer& answer) {
  const AnswerText& text = answer.text;
  return {{"id", text.id},
          {"question", text.question},
          {"expected", text.expected},
          {"references", text.references},
          {"options", text.options},
          {"is_exact", text.is_exact},
          {"is_generated", text.is_generated},
          {"text", text.text},
          {"is_cut", text.is_cut},
          {"evidence_held", answer.held.entries > 0 ? Json(answer.held.share()) : Json(nullptr)},
          {"evidence", evidence_to_json(answer)}};
}

// No number that a file holds is believed before it is held against another.
void check_evidence(const StoredAnswer& answer) {
  std::int64_t tokens = 0;
  bool is_sound = !answer.held.of_head.empty() && answer.held.entries > 0;
  for (const auto& [begin, end] : answer.evidence) {
    is_sound = is_sound && 0 <= begin && begin < end && end - begin <= answer.held.entries - tokens;
    tokens += is_sound ? end - begin : 0;
  }
  is_sound = is_sound && tokens == answer.held.entries;
  for (const std::vector<std::int64_t>& layer : answer.held.of_head) {
    is_sound = is_sound && !layer.empty();
    for (const std::int64_t held : layer) {
      is_sound = is_sound && 0 <= held && held <= answer.held.entries;
    }
  }
  if (is_sound) return;
  throw Error(
      {"an answer's evidence cannot be what is said", "answer \"" + answer.text.id + '"',
       "as many entries as tokens, and none to all of them held in each KV head",
       std::to_string(answer.held.entries) + " entries of " + std::to_string(tokens) + " tokens",
       ""});
}

StoredAnswer answer_from_json(const Json& json) {
  StoredAnswer answer;
  AnswerText& text = answer.text;
  json.at("id").get_to(text.id);
  json.at("question").get_to(text.question);
  json.at("expected").get_to(text.expected);
  json.at("references").get_to(text.references);
  json.at("options").get_to(text.options);
  json.at("is_exact").get_to(text.is_exact);
  json.at("is_generated").get_to(text.is_generated);
  json.at("text").get_to(text.text);
  json.at("is_cut").get_to(text.is_cut);
  const Json& evidence = json.at("evidence");
  if (evidence.is_null()) return answer;
  for (const Json& tokens : evidence.at("tokens")) {
    answer.evidence.emplace_back(tokens.at(0), tokens.at(1));
  }
  evidence.at("asked_at").get_to(answer.asked_at);
  evidence.at("entries").get_to(answer.held.entries);
  evidence.at("held").get_to(answer.held.of_head);
  check_evidence(answer);
  return answer;
}

std::vector<DocumentAnswers> documents_from_json(const Json& json) {
  std::vector<DocumentAnswers> documents;
  for (const Json& document : json.at("documents")) {
    documents.push_back({document.at("id"), {}});
    for (const Json& answer : document.at("answers")) {
      documents.back().answers.push_back(answer_from_json(answer));
    }
  }
  return documents;
}

}  // namespace

std::filesystem::path answers_file(const std::filesystem::path& cell_file) {
  return cell_file.parent_path() / (cell_file.stem().string() + kAnswersEnding);
}

std::string answers_text(const CellResult& result) {
  Json json = {{"schema", kAnswersSchema}, {"content_key", result.content_key}};
  json["documents"] = Json::array();
  for (const DocumentAnswers& document : result.answers) {
    Json answers = Json::array();
    for (const StoredAnswer& answer : document.answers) answers.push_back(answer_to_json(answer));
    json["documents"].push_back({{"id", document.id}, {"answers", std::move(answers)}});
  }
  seal(json);
  return json_line(json) + "\n";
}

std::optional<std::vector<DocumentAnswers>> read_answers(const std::filesystem::path& cell_file,
                                                         const std::string& content_key) {
  const std::filesystem::path file = answers_file(cell_file);
  if (!std::filesystem::exists(file)) return std::nullopt;
  const std::string text = read_campaign_file(file);
  if (is_torn(text)) return std::nullopt;
  const SealedFile sealed = {"a file of answers", file.string(), kAnswersSchema,
                             "delete it with the result beside it, and run the campaign again"};
  const Json json = read_sealed(text, sealed);
  try {
    if (json.at("content_key") != content_key) return std::nullopt;
    return documents_from_json(json);
  } catch (const Error& error) {
    Problem problem = error.problems().front();
    problem.where = file.string() + ", " + problem.where;
    problem.fix = sealed.fix;
    throw Error(problem);
  } catch (const Json::exception& error) {
    throw Error({"a file of answers is not whole", file.string(),
                 "the answers of a cell, of this version", error.what(), sealed.fix});
  }
}

}  // namespace pressroom
