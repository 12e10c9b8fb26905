// The reader state_tracking, as the plugin it is: its answers are those of the procedure that its
// documents describe, gone through here by other means.
#include <gtest/gtest.h>

#include <functional>
#include <regex>
#include <set>
#include <sstream>

#include "made_tasks_test_support.h"

namespace pressroom::state_tracking_test {
namespace {

Given task(const std::string& name, Given given = {}) {
  given["task"] = name;
  if (given.count("documents") == 0) given["documents"] = std::int64_t{200};
  return given;
}

Texts lines_of(const std::string& text) {
  Texts lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// What follows `lead` in a question, to its ":\n".
std::string start_in(const std::string& question, const std::string& lead) {
  EXPECT_EQ(question.substr(0, lead.size()), lead);
  EXPECT_EQ(question.substr(question.size() - 2), ":\n");
  return question.substr(lead.size(), question.size() - lead.size() - 2);
}

// The words of capital letters, in order.
Texts names_in(const std::string& line) {
  Texts names;
  bool in_name = false;
  for (const char c : line) {
    const bool is_letter = c >= 'A' && c <= 'Z';
    if (is_letter && !in_name) names.emplace_back();
    if (is_letter) names.back() += c;
    in_name = is_letter;
  }
  return names;
}

// "A: C, B" lines as neighbours by name.
std::map<std::string, Texts> graph_of(const std::string& context) {
  std::map<std::string, Texts> graph;
  for (const std::string& line : lines_of(context)) {
    const Texts names = names_in(line);
    graph[names.front()] = Texts(names.begin() + 1, names.end());
  }
  return graph;
}

// By recursion, with paths as texts.
Texts searched(const std::map<std::string, Texts>& graph, const std::string& start) {
  Texts lines;
  std::set<std::string> visited;
  const auto tell = [&](const std::string& what, const std::string& node, const std::string& path) {
    lines.push_back("Step " + std::to_string(lines.size() + 1) + ": " + what + " " + node +
                    ", path " + path + ".");
  };
  const std::function<void(const std::string&, const std::string&)> visit =
      [&](const std::string& node, const std::string& path) {
        visited.insert(node);
        tell("visit", node, path);
        for (const std::string& next : graph.at(node)) {
          if (visited.count(next) > 0) continue;
          visit(next, path + "-" + next);
          tell("back to", node, path);
        }
      };
  visit(start, start);
  return lines;
}

// "A=12, B=8" and "A is lowered by 7." lines, gone through with a queue of names.
Texts counted_down(const std::string& context, const std::string& start) {
  static const std::regex counter("([A-Z])=([0-9]+)");
  std::map<std::string, int> amount, value;
  for (const std::string& line : lines_of(context)) {
    EXPECT_EQ(line.substr(1, 15), " is lowered by ");
    amount[line.substr(0, 1)] = std::stoi(line.substr(16));
  }
  for (std::sregex_iterator it(start.begin(), start.end(), counter), end; it != end; ++it) {
    value[(*it)[1]] = std::stoi((*it)[2]);
  }
  EXPECT_EQ(value.size(), amount.size());
  Texts queue, lines;
  for (const auto& [name, at] : value) queue.push_back(name);
  while (!queue.empty()) {
    const std::string name = queue.front();
    queue.erase(queue.begin());
    value[name] = value[name] < amount[name] ? 0 : value[name] - amount[name];
    if (value[name] > 0) queue.push_back(name);
    std::string state;
    for (const auto& [other, at] : value) {
      state += (state.empty() ? "" : ", ") + other + "=" + std::to_string(at);
    }
    lines.push_back("Step " + std::to_string(lines.size() + 1) + ": " + state + ".");
  }
  return lines;
}

TEST(StateTracking, AnswersAreTheStepsOfTheSearch) {
  for (const std::int64_t questions : {1, 3}) {
    const Given given = task("depth_first_search", {{"questions", questions}});
    for (const Document& document : made_documents("state_tracking", given, {4000, bytes_in})) {
      const auto graph = graph_of(span_texts(document, "context").at(0));
      ASSERT_EQ(document.answers.size(), static_cast<std::size_t>(questions));
      std::set<std::string> starts;
      for (std::size_t q = 0; q < document.answers.size(); ++q) {
        const std::string start =
            start_in(question_text(document, q), "\n\nDepth-first search from ");
        starts.insert(start);
        ASSERT_EQ(graph.count(start), 1U);
        const Texts expected = searched(graph, start);
        EXPECT_EQ(lines_of(text_of(document, document.answers[q])), expected);
        EXPECT_EQ(document.answers[q].references, expected);
        EXPECT_EQ(expected.size(), 2 * graph.size() - 1);
      }
      EXPECT_EQ(starts.size(), document.answers.size());
    }
  }
}

TEST(StateTracking, GraphsAreConnectedInBothDirectionsAndHaveDetours) {
  std::set<std::string> starts;
  int with_detours = 0;
  for (const Document& document :
       made_documents("state_tracking", task("depth_first_search"), {3000, bytes_in})) {
    const auto graph = graph_of(span_texts(document, "context").at(0));
    std::size_t ends = 0;
    for (const auto& [node, neighbours] : graph) {
      std::set<std::string> different(neighbours.begin(), neighbours.end());
      EXPECT_EQ(different.size(), neighbours.size());
      EXPECT_EQ(different.count(node), 0U);
      for (const std::string& other : neighbours) {
        const Texts& back = graph.at(other);
        EXPECT_EQ(std::count(back.begin(), back.end(), node), 1);
      }
      ends += neighbours.size();
    }
    EXPECT_GE(ends / 2, graph.size() - 1);
    with_detours += ends / 2 > graph.size() - 1 ? 1 : 0;
    starts.insert(start_in(question_text(document, 0), "\n\nDepth-first search from "));
  }
  EXPECT_GT(with_detours, 150);
  EXPECT_GT(starts.size(), 5U);
}

TEST(StateTracking, AnswersAreTheStepsOfTheCountdown) {
  for (const std::int64_t counters : {1, 3, 8}) {
    const Given given = task("countdown", {{"counters", counters}, {"questions", std::int64_t{2}}});
    for (const Document& document : made_documents("state_tracking", given, {4000, bytes_in})) {
      const std::string context = span_texts(document, "context").at(0);
      for (std::size_t q = 0; q < document.answers.size(); ++q) {
        const std::string start = start_in(question_text(document, q), "\n\nCountdown from ");
        const Texts expected = counted_down(context, start);
        EXPECT_EQ(lines_of(text_of(document, document.answers[q])), expected);
        EXPECT_EQ(document.answers[q].references, expected);
      }
      EXPECT_NE(question_text(document, 0), question_text(document, 1));
    }
  }
}

// A rule that counts which references a text contains gives a line no credit for another.
TEST(StateTracking, NoReferenceIsAPartOfAnother) {
  for (const char* name : {"depth_first_search", "countdown"}) {
    const Given given = task(name, {{"documents", std::int64_t{20}}});
    for (const Document& document : made_documents("state_tracking", given, {4000, bytes_in})) {
      const Texts& references = document.answers[0].references;
      EXPECT_GT(references.size(), 20U);
      for (const std::string& reference : references) {
        EXPECT_EQ(occurrences(text_of(document, document.answers[0]), reference), 1U) << reference;
      }
    }
  }
}

TEST(StateTracking, MostOfADocumentIsItsAnswer) {
  for (const char* name : {"depth_first_search", "countdown"}) {
    const Given given = task(name, {{"documents", std::int64_t{40}}});
    for (const Document& document :
         made_documents("state_tracking", given, {1024, starter_tokens_in})) {
      const std::int64_t tokens = starter_tokens_in(document.text);
      EXPECT_LE(tokens + 9, 1024);
      EXPECT_GT(tokens + 9, 800);
      const Answer& answer = document.answers.at(0);
      EXPECT_GT(starter_tokens_in(text_of(document, answer)), 500);
      EXPECT_EQ(answer.most_tokens, starter_tokens_in(text_of(document, answer)) + 8);
      EXPECT_EQ(document.stop, Texts{"\n\n"});
      EXPECT_EQ(span_texts(document, "evidence", 0), span_texts(document, "context"));
    }
  }
}

TEST(StateTracking, HasTheSizeThatIsAskedFor) {
  const Given search = task("depth_first_search", {{"nodes", std::int64_t{9}}});
  for (const Document& document : made_documents("state_tracking", search, {4000, bytes_in})) {
    EXPECT_EQ(graph_of(span_texts(document, "context").at(0)).size(), 9U);
    EXPECT_EQ(document.provenance, "made to fit 4000 tokens, nodes: 9, questions: 1");
  }
  const Given down = task("countdown", {{"steps", std::int64_t{17}}});
  for (const Document& document : made_documents("state_tracking", down, {4000, bytes_in})) {
    EXPECT_EQ(document.answers[0].references.size(), 17U);
  }
  // More nodes than letters.
  const Given large =
      task("depth_first_search", {{"nodes", std::int64_t{60}}, {"documents", std::int64_t{3}}});
  for (const Document& document : made_documents("state_tracking", large, {40000, bytes_in})) {
    const auto graph = graph_of(span_texts(document, "context").at(0));
    EXPECT_EQ(graph.size(), 60U);
    EXPECT_EQ(graph.count("AA"), 1U);
    EXPECT_EQ(graph.count("BH"), 1U);
  }
}

TEST(StateTracking, RefusesSizesThatDoNotGoWithTheTask) {
  const auto number = [](std::int64_t value) { return ParameterValue(value); };
  struct Refusal {
    Given given;
    std::string what;
  };
  const std::vector<Refusal> refusals = {
      {task("depth_first_search", {{"steps", number(5)}}),
       "\"steps\" does not go with task depth_first_search"},
      {task("depth_first_search", {{"counters", number(2)}}),
       "\"counters\" does not go with task depth_first_search"},
      {task("countdown", {{"nodes", number(5)}}), "\"nodes\" does not go with task countdown"},
      {task("depth_first_search", {{"nodes", number(3)}, {"questions", number(4)}}),
       "\"nodes\" is too small"},
      {task("countdown", {{"steps", number(2)}}), "\"steps\" is too small"},
      {task("depth_first_search", {{"nodes", number(200)}}),
       "the task does not fit into its length"},
      {task("countdown", {{"steps", number(500)}}), "the task does not fit into its length"},
      {task("countdown",
            {{"steps", number(1)}, {"counters", number(1)}, {"questions", number(20)}}),
       "there are not enough starts from which a countdown takes so many steps"}};
  for (const Refusal& refusal : refusals) {
    const Problem problem = made_problem("state_tracking", refusal.given, {4000, bytes_in});
    EXPECT_EQ(problem.what, refusal.what);
    EXPECT_NE(problem.fix, "");
  }
}

}  // namespace
}  // namespace pressroom::state_tracking_test
