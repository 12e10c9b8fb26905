#include "report/studies/press_names.h"

#include <string_view>

#include "base/number_text.h"

namespace pressroom {
namespace {

// Part of a folder's name: "/" is "--", as kvpress has it, and what is no letter, digit or one of
// "._-+" is "-".
std::string folder_word(const std::string& text) {
  std::string word;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (c == '/') {
      word += "--";
    } else {
      word += plain || std::string("._-+").find(c) != std::string::npos ? c : '-';
    }
  }
  return word;
}

// A model on disk goes by the name of its folder or file.
std::string model_word(const std::string& model) {
  const bool is_path = !model.empty() && model.front() == '/';
  return folder_word(is_path ? model.substr(model.find_last_of('/') + 1) : model);
}

// Two decimals, as kvpress has it, or as many as tell it from others.
std::string ratio_word(double ratio) {
  constexpr std::string_view kMore = "0000";
  const std::string six = fixed(ratio, 6);
  const std::size_t two = six.size() - kMore.size();
  return six.substr(two) == kMore ? six.substr(0, two) : exact(ratio);
}

}  // namespace

std::string press_name(const CellGroup& group, const std::string& baseline) {
  return group.method == baseline ? "no_press" : group.method;
}

std::string press_folder(const CellGroup& group, bool several_contexts, const StudyInput& input) {
  std::string name = folder_word(group.dataset) + "__" + model_word(input.setting.model) + "__" +
                     folder_word(press_name(group, input.report.baseline)) + "__" +
                     ratio_word(group.sparsity);
  if (several_contexts) name += "__max_context" + std::to_string(group.context_tokens);
  return name + "/";
}

}  // namespace pressroom
