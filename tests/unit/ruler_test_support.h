// What the tests of the reader ruler share: a list of words, prose, a cheap way to count tokens,
// and 500 documents of each task.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "readers_test_support.h"

namespace pressroom::ruler_test {

inline constexpr std::int64_t kSamples = 500;
inline constexpr std::int64_t kLength = 1000;

// A token is 4 bytes, or what is left of them at the end.
inline std::int64_t quarters(const std::string& text) {
  return static_cast<std::int64_t>((text.size() + 3) / 4);
}

// 6,400 made words of 4 letters, among them what no list of words may be taken from: names,
// possessives, words that are too short or too long.
inline std::string made_words() {
  const std::string consonants = "bcdfghjklmnpqrstvwxz", vowels = "aeio";
  std::string text = "Abba\nit's\nan\nextraordinarily\n\ncaf\xC3\xA9\n";
  for (const char a : consonants) {
    for (const char b : vowels) {
      for (const char c : consonants) {
        for (const char d : vowels) text += std::string{a, b, c, d, '\n'};
      }
    }
  }
  return text;
}

// "Line 17 of the book says nothing." and so on: the sentences of a haystack of prose.
inline std::string made_prose(int sentences) {
  std::string text;
  for (int i = 0; i < sentences; ++i) {
    text += "Line " + std::to_string(i) + (i % 3 == 0 ? " of the\n\tbook" : " of a long book") +
            " says nothing.  ";
  }
  return text;
}

// `text` in a file that outlives every reader of the tests.
inline std::string lasting_file(const std::string& name, const std::string& text) {
  static const ScratchFolder folder;
  const std::filesystem::path file = folder.path() / name;
  write_file(file, text);
  return file.string();
}
inline const std::string& words_file() {
  static const std::string file = lasting_file("words", made_words());
  return file;
}
inline const std::string& prose_file() {
  static const std::string file = lasting_file("long_book.txt", made_prose(4000));
  return file;
}

inline const std::vector<std::string>& needle_tasks() {
  static const std::vector<std::string> tasks = {
      "niah_single_1",   "niah_single_2",   "niah_single_3",   "niah_multikey_1",
      "niah_multikey_2", "niah_multikey_3", "niah_multivalue", "niah_multiquery"};
  return tasks;
}

inline bool is_in(const std::string& task, const std::vector<std::string>& tasks) {
  return std::count(tasks.begin(), tasks.end(), task) == 1;
}

// In which tasks needles are hidden in prose, and in which keys or entries are words.
inline bool has_prose(const std::string& task) {
  return is_in(task, {"niah_single_2", "niah_single_3", "niah_multikey_1", "niah_multivalue",
                      "niah_multiquery"});
}
inline bool has_words(const std::string& task) {
  return !is_in(task, {"niah_multikey_3", "vt", "fwe"});
}

// The parameters of a task with the files that it takes, and `more`.
inline Given task_with(const std::string& task, const Given& more = {}) {
  Given given = {{"task", task}, {"documents", kSamples}};
  if (has_prose(task)) given["haystack"] = prose_file();
  if (has_words(task)) given["words"] = words_file();
  for (const auto& [name, value] : more) given[name] = value;
  return given;
}

inline std::vector<Document> documents_of(const Given& given,
                                          const ReadingContext& context = {kLength, quarters}) {
  const std::unique_ptr<DatasetReader> reader = reader_of("ruler", given);
  reader->prepare(context);
  return rest_of(*reader);
}

// 500 documents of a task with its defaults, made once.
inline const std::vector<Document>& samples_of(const std::string& task) {
  static std::map<std::string, std::vector<Document>> made;
  const auto known = made.find(task);
  if (known != made.end()) return known->second;
  return made.emplace(task, documents_of(task_with(task))).first->second;
}

inline std::string answer_text(const Document& document, const Answer& answer) {
  return document.text.substr(answer.begin, answer.end - answer.begin);
}

// What a question says, up to its answer.
inline std::string question_of(const Document& document, std::size_t index) {
  const Answer& answer = document.answers[index];
  return document.text.substr(answer.question, answer.begin - answer.question);
}

// The stretches of that name, as text.
inline std::vector<std::string> spans_of(const Document& document, const std::string& name,
                                         std::int64_t answer = -1) {
  std::vector<std::string> texts;
  for (const Span& span : document.spans) {
    if (span.name != name || span.answer != answer) continue;
    texts.push_back(document.text.substr(span.begin, span.end - span.begin));
  }
  return texts;
}

// The context without instruction and question, and without the end of its last line.
inline std::string context_of(const Document& document) {
  const std::vector<std::string> spans = spans_of(document, "context");
  if (spans.size() != 1 || spans.front().empty() || spans.front().back() != '\n') return "";
  return spans.front().substr(0, spans.front().size() - 1);
}

inline std::vector<std::string> split(const std::string& text, const std::string& at) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t end; (end = text.find(at, begin)) != std::string::npos;
       begin = end + at.size()) {
    parts.push_back(text.substr(begin, end - begin));
  }
  parts.push_back(text.substr(begin));
  return parts;
}

}  // namespace pressroom::ruler_test
