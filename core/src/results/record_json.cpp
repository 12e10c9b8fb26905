#include "results/record_json.h"

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "base/sha256.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kSeal = "sha256";

std::string seal_of(const Json& json) {
  // Bytes that are no UTF-8 become U+FFFD here as they do in the file, so the sum still fits what
  // is read back.
  return sha256_hex(json_line(json));
}

}  // namespace

void seal(Json& json) {
  json.erase(kSeal);
  json[kSeal] = seal_of(json);
}

Json read_sealed(const std::string& text, const SealedFile& file) {
  try {
    Json json = Json::parse(text);
    // Before the sum: a whole file of another version must not be told as one that was changed.
    if (json.at("schema") != file.schema) {
      throw Error({file.what + " is of another version", file.file, file.schema,
                   json_line(json.at("schema")), "use another output directory"});
    }
    const std::string expected = json.at(kSeal);
    json.erase(kSeal);
    const std::string found = seal_of(json);
    if (found == expected) return json;
    throw Error({file.what + " was changed after it was written", file.file,
                 "content with SHA-256 " + expected, "SHA-256 " + found, file.fix});
  } catch (const Json::exception& error) {
    throw Error({file.what + " is not whole", file.file, "a file as this version writes it",
                 error.what(), file.fix});
  }
}

void add_cell_fields(const Cell& cell, Json& json) {
  json["method"] = cell.method;
  json["sparsity"] = cell.sparsity;
  json["budget_tokens"] = cell.budget_tokens;
  json["dataset"] = cell.dataset;
  json["context_length"] = cell.context_tokens;
  json["seed"] = cell.seed;
  json["protocol"] = cell.protocol;
  json["positions"] = to_string(cell.positions);
  if (cell.kv_dtype != Cell().kv_dtype) json["kv_dtype"] = cell.kv_dtype;
  if (!cell.constraints.empty()) json["constraints"] = cell.constraints;
}

Cell cell_of_fields(const Json& json) {
  Cell cell;
  cell.method = json.at("method");
  cell.sparsity = json.at("sparsity");
  cell.budget_tokens = json.at("budget_tokens");
  cell.dataset = json.at("dataset");
  cell.context_tokens = json.at("context_length");
  // Sizes are added to and subtracted from; a file that somebody wrote may hold any number.
  if (cell.context_tokens < 0 || cell.budget_tokens < 0) {
    throw Error({"a cell cannot have such sizes", "", "a context and a budget of 0 tokens or more",
                 std::to_string(cell.context_tokens) + " and " + std::to_string(cell.budget_tokens),
                 ""});
  }
  cell.seed = json.at("seed");
  cell.protocol = json.at("protocol");
  cell.positions = json.at("positions") == to_string(Positions::kCacheIndex)
                       ? Positions::kCacheIndex
                       : Positions::kOriginal;
  cell.kv_dtype = json.value("kv_dtype", cell.kv_dtype);
  cell.constraints = json.value("constraints", cell.constraints);
  return cell;
}

}  // namespace pressroom
