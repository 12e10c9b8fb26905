#include "sdk/json_tasks.h"

#include <algorithm>

#include "base/strings.h"

namespace pressroom {
namespace {

using Texts = std::vector<std::string>;

[[noreturn]] void refuse_type(const std::string& field, const std::string& expected,
                              const std::string& got) {
  throw BadLine{"the field \"" + field + "\" cannot be used", expected, got, kFixLine};
}

bool is_text(const JsonValue& value) { return value.type == std::string("string"); }
bool is_number(const JsonValue& value) { return value.type == std::string("number"); }
bool is_list(const JsonValue& value) { return value.type == std::string("array"); }

bool is_blank(const std::string& text) {
  return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

// The value of `field` in `object`, whose members are `names`: by its name, or by the parts of it.
const JsonValue& value_at(const JsonValue& object, const std::set<std::string>& names,
                          const std::string& field) {
  if (const JsonValue* const value = object.find(field)) return *value;
  const JsonValue* inner = &object;
  for (std::size_t begin = 0; begin <= field.size();) {
    const std::size_t end = std::min(field.find('.', begin), field.size());
    inner = inner->find(field.substr(begin, end - begin));
    if (inner == nullptr) refuse_missing(field, names);
    begin = end + 1;
  }
  return *inner;
}

std::string context_text(const JsonValue& value, const std::string& field) {
  const std::string expected = "a text, or a list of texts, of lists of texts, or of numbers";
  if (is_text(value)) return value.text;
  if (!is_list(value)) refuse_type(field, expected, value.type);
  const auto all = [](const JsonValue& list, bool (*is)(const JsonValue&)) {
    return std::all_of(list.items.begin(), list.items.end(), is);
  };
  Texts parts;
  for (const JsonValue& item : value.items) {
    if (is_text(item) || is_number(item)) {
      parts.push_back(item.text);
    } else if (is_list(item) && all(item, is_text)) {
      std::string part;
      for (const JsonValue& text : item.items) part += text.text;
      parts.push_back(part);
    } else {
      refuse_type(field, expected, item.type + std::string(" in a list"));
    }
  }
  if (!value.items.empty() && all(value, is_number)) return '[' + joined(parts, ", ") + ']';
  return joined(parts, "\n\n");
}

// A text or number, or each of a list of them.
Texts texts_of(const JsonValue& value, const std::string& field) {
  Texts texts;
  const auto add = [&](const JsonValue& item) {
    if (!is_text(item) && !is_number(item)) {
      refuse_type(field, "a text or a number, or a list of them", item.type);
    }
    texts.push_back(item.text);
  };
  if (is_list(value)) {
    for (const JsonValue& item : value.items) add(item);
  } else {
    add(value);
  }
  return texts;
}

std::string answer_proper(const std::string& answer, const TaskFields& fields) {
  std::string proper = answer;
  if (!fields.answer_after.empty()) {
    const std::size_t mark = answer.rfind(fields.answer_after);
    if (mark == std::string::npos) {
      throw BadLine{"an answer has no \"" + fields.answer_after + "\" in it", "answer_after",
                    start_of(answer), kFixLine};
    }
    proper = answer.substr(mark + fields.answer_after.size());
  }
  if (is_blank(proper)) {
    throw BadLine{"an answer is empty", "a text that is not blank",
                  answer.empty() ? "no text" : '"' + start_of(answer) + '"', kFixLine};
  }
  const std::size_t begin = proper.find_first_not_of(" \t\r\n");
  return proper.substr(begin, proper.find_last_not_of(" \t\r\n") - begin + 1);
}

// The option that an answer names: its text, or its letter.
std::size_t right_option(const TaskQuestion& question) {
  for (const std::string& answer : question.answers) {
    const auto found = std::find(question.options.begin(), question.options.end(), answer);
    if (found != question.options.end()) {
      return static_cast<std::size_t>(found - question.options.begin());
    }
    const auto letter = static_cast<std::size_t>(answer[0] - 'A');
    if (answer.size() == 1 && letter < question.options.size()) return letter;
  }
  throw BadLine{"the answer is none of the options", start_of(joined(question.options, ", ")),
                start_of(question.answers.front()), kFixLine};
}

TaskQuestion question_of(const JsonValue& object, const std::set<std::string>& names,
                         const std::string& context, const TaskFields& fields) {
  TaskQuestion asked;
  if (!fields.question.empty()) {
    const JsonValue& question = value_at(object, names, fields.question);
    if (!is_text(question)) refuse_type(fields.question, "a text", question.type);
    if (is_blank(question.text)) {
      throw BadLine{"a question is empty", "a text that is not blank", "none", kFixLine};
    }
    asked.question = question.text;
  }
  for (const std::string& answer :
       texts_of(value_at(object, names, fields.answers), fields.answers)) {
    asked.answers.push_back(answer_proper(answer, fields));
  }
  if (asked.answers.empty()) {
    throw BadLine{"a question has no answers", "at least one in \"" + fields.answers + '"',
                  "an empty list", kFixLine};
  }
  if (!fields.options.empty()) {
    asked.options = texts_of(value_at(object, names, fields.options), fields.options);
    constexpr std::size_t kLetters = 26;
    if (asked.options.size() > kLetters) {
      throw BadLine{"a choice has too many options",
                    "at most 26 in \"" + fields.options + "\", one for each letter",
                    std::to_string(asked.options.size()), kFixLine};
    }
    if (asked.options.size() < 2) {
      throw BadLine{"a choice has too few options", "at least two in \"" + fields.options + '"',
                    std::to_string(asked.options.size()), kFixLine};
    }
    asked.right_option = right_option(asked);
  }
  const auto occurs = [&](const std::string& answer) {
    return context.find(answer) != std::string::npos;
  };
  if (fields.answer_must_occur &&
      std::none_of(asked.answers.begin(), asked.answers.end(), occurs)) {
    throw BadLine{"an answer does not occur in the context", "one of the accepted answers in it",
                  start_of(joined(asked.answers, ", ")), kFixLine};
  }
  return asked;
}

}  // namespace

std::set<std::string> wanted_members(const TaskFields& fields) {
  std::set<std::string> wanted;
  Texts of_record = {fields.context, fields.questions};
  if (fields.questions.empty()) {
    of_record.insert(of_record.end(), {fields.question, fields.answers, fields.options});
  }
  for (const std::string& field : of_record) {
    if (!field.empty()) wanted.insert({field, field.substr(0, field.find('.'))});
  }
  return wanted;
}

TaskRecord task_of(const JsonRecord& record, const TaskFields& fields) {
  TaskRecord task;
  if (!fields.context.empty()) {
    task.context =
        context_text(value_at(record.values, record.names, fields.context), fields.context);
  }
  if (fields.questions.empty()) {
    task.questions = {question_of(record.values, record.names, task.context, fields)};
    return task;
  }
  const JsonValue& list = value_at(record.values, record.names, fields.questions);
  if (!is_list(list)) refuse_type(fields.questions, "a list of objects", list.type);
  if (list.items.empty()) {
    throw BadLine{"the record asks nothing", "at least one object in \"" + fields.questions + '"',
                  "an empty list", kFixLine};
  }
  for (const JsonValue& item : list.items) {
    if (item.type != std::string("object")) {
      refuse_type(fields.questions, "a list of objects", item.type + std::string(" in a list"));
    }
    const std::set<std::string> names(item.names.begin(), item.names.end());
    task.questions.push_back(question_of(item, names, task.context, fields));
  }
  return task;
}

}  // namespace pressroom
