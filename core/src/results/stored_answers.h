// The file of a cell's answers, beside that of its result:
//
//   <cell>.json           the result
//   <cell>.answers.json   what was asked in it and answered (docs/results.md)
//
//   write_file_atomically(answers_file(cell_file), answers_text(result));
//   if (const auto answers = read_answers(cell_file, result.content_key)) show(*answers);
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "results/answers.h"
#include "results/cell.h"

namespace pressroom {

// What stands behind the stem of the cell's file.
inline constexpr const char* kAnswersEnding = ".answers.json";

// Beside the file of a cell, "results/x/h2o_s0.9_ctx512_seed42.json".
std::filesystem::path answers_file(const std::filesystem::path& cell_file);

// The text of the file: sealed as the cell's is, with its content key.
std::string answers_text(const CellResult& result);

// The answers in the file beside `cell_file`, one element for each document of the cell. Nothing
// where there is no file, where a loss of power left it torn, or where it belongs to another result
// than that with `content_key`. Throws Error, naming the file, when it is not whole or not as it
// was written.
std::optional<std::vector<DocumentAnswers>> read_answers(const std::filesystem::path& cell_file,
                                                         const std::string& content_key);

}  // namespace pressroom
