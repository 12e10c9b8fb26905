// The reader jsonl on records that ask something: the shapes of the sets that docs/tasks.md names.
#include <gtest/gtest.h>

#include "jsonl_tasks_test_support.h"

namespace pressroom::jsonl_shapes_test {
namespace {

std::string shape(const std::string& name) {
  return (test_dir() / "data/tasks" / (name + ".jsonl")).string();
}

std::vector<std::string> answers_of(const Document& document) {
  std::vector<std::string> answers;
  for (const Answer& answer : document.answers) answers.push_back(text_of(document, answer));
  return answers;
}

std::vector<std::vector<std::string>> references_of(const Document& document) {
  std::vector<std::vector<std::string>> references;
  for (const Answer& answer : document.answers) references.push_back(answer.references);
  return references;
}

// The parameters that docs/tasks.md gives for LongBench's question answering.
Given longbench() {
  return {{"path", shape("longbench")},
          {"context_field", as_text("context")},
          {"question_field", as_text("input")},
          {"answers_field", as_text("answers")},
          {"id_field", as_text("_id")}};
}

TEST(JsonlTasks, ReadLongBench) {
  const std::vector<Document> documents = documents_of("jsonl", longbench());
  EXPECT_EQ(ids_of(documents), (Texts{"a1", "a2"}));
  const Document& mill = documents.at(0);
  EXPECT_EQ(mill.text,
            "The mill by the river belonged to Anna Berg. She bought it in 1871 from a miller who "
            "wanted to see the sea. In winter the wheel stood still.\n\nQuestion: Who bought the "
            "mill in 1871?\nAnswer: Anna Berg");
  EXPECT_EQ(answers_of(mill), Texts{" Anna Berg"});
  EXPECT_EQ(references_of(mill), (std::vector<Texts>{{"Anna Berg", "Berg"}}));
  EXPECT_EQ(question_text(mill, 0), "\n\nQuestion: Who bought the mill in 1871?\nAnswer:");
  EXPECT_EQ(span_texts(mill, "context").at(0), mill.text.substr(0, mill.context_end));
  EXPECT_EQ(span_texts(mill, "question").at(0), question_text(mill, 0));
  EXPECT_EQ(mill.provenance, shape("longbench") + ":1, 198 bytes");
}

TEST(JsonlTasks, PutTextsTogetherAsTheTemplateSays) {
  Given given = longbench();
  given["template"] =
      as_text("Read this.\n\nText: {context}\n\nNow answer {question} Say \\boxed{}:\n");
  given["most_tokens"] = std::int64_t{16};
  given["stop"] = Texts{"\n", "Text:"};
  const Document document = documents_of("jsonl", given).at(1);
  EXPECT_EQ(document.text.substr(0, 34), "Read this.\n\nText: Passage 1:\nThe l");
  EXPECT_EQ(span_texts(document, "instruction"), Texts{"Read this.\n\nText: "});
  EXPECT_EQ(question_text(document, 0),
            "\n\nNow answer Where did the keeper of the lighthouse come from? Say \\boxed{}:\n");
  // After white space there is no blank before an answer.
  EXPECT_EQ(answers_of(document), Texts{"Whitby"});
  EXPECT_EQ(document.answers[0].most_tokens, 16);
  EXPECT_EQ(document.stop, (Texts{"\n", "Text:"}));
}

TEST(JsonlTasks, ReadRulerQa) {
  const std::vector<Document> documents =
      documents_of("jsonl", {{"path", shape("ruler_qa")},
                             {"question_field", as_text("input")},
                             {"answers_field", as_text("outputs")},
                             {"id_field", as_text("index")},
                             {"template", as_text("{question} Answer:")}});
  EXPECT_EQ(ids_of(documents), (Texts{"0", "1"}));
  EXPECT_EQ(answers_of(documents[1]), Texts{" Tom Reed"});
  EXPECT_EQ(references_of(documents[1]), (std::vector<Texts>{{"Tom Reed", "Reed"}}));
  EXPECT_TRUE(has(documents[1].text, "Question: Who was the keeper? Answer: Tom Reed"));
  // The paragraphs are in the question, up to its last blank line.
  EXPECT_EQ(documents[1].text.substr(documents[1].context_end),
            "\n\nQuestion: Who was the keeper? Answer: Tom Reed");
}

TEST(JsonlTasks, ReadSquad) {
  const std::vector<Document> documents =
      documents_of("jsonl", {{"path", shape("squad")},
                             {"context_field", as_text("context")},
                             {"question_field", as_text("question")},
                             {"answers_field", as_text("answers.text")},
                             {"answer_must_occur", true},
                             {"id_field", as_text("id")}});
  EXPECT_EQ(ids_of(documents), (Texts{"56b1", "56b2"}));
  EXPECT_EQ(answers_of(documents[0]), Texts{" 1858"});
  EXPECT_EQ(span_texts(documents[0], "evidence", 0), (Texts{"1858", "in 1858"}));
  EXPECT_EQ(references_of(documents[0]), (std::vector<Texts>{{"1858", "in 1858"}}));
  EXPECT_EQ(answers_of(documents[1]), Texts{" Whitby"});
}

TEST(JsonlTasks, ReadHotpotQa) {
  const Document document = documents_of("jsonl", {{"path", shape("hotpotqa")},
                                                   {"context_field", as_text("context.sentences")},
                                                   {"question_field", as_text("question")},
                                                   {"answers_field", as_text("answer")},
                                                   {"id_field", as_text("id")}})
                                .at(0);
  EXPECT_EQ(span_texts(document, "context").at(0),
            "The lighthouse of Noss is of granite. Its first keeper was Tom Reed.\n\nTom Reed was "
            "born in Whitby. He kept a diary.");
  EXPECT_EQ(answers_of(document), Texts{" Whitby"});
}

TEST(JsonlTasks, ReadGsm8k) {
  const Given given = {
      {"path", shape("gsm8k")},
      {"question_field", as_text("question")},
      {"answers_field", as_text("answer")},
      {"answer_after", as_text("#### ")},
      {"template", as_text("Solve it step by step.\n\nQuestion: {question}\nAnswer:")}};
  const std::vector<Document> documents = documents_of("jsonl", given);
  EXPECT_EQ(answers_of(documents[0]), Texts{" 18"});
  EXPECT_EQ(answers_of(documents[1]), Texts{" 21"});
  EXPECT_EQ(documents[1].text,
            "Solve it step by step.\n\nQuestion: A sack of flour costs 7 coins. What do 3 sacks "
            "cost?\nAnswer: 21");
  // What stands before the question is the part of the document that is no question.
  EXPECT_EQ(documents[1].text.substr(0, documents[1].context_end), "Solve it step by step.");
  EXPECT_EQ(ids_of(documents), (Texts{"gsm8k.jsonl#1", "gsm8k.jsonl#2"}));
}

TEST(JsonlTasks, ReadMath500) {
  const std::vector<Document> documents =
      documents_of("jsonl", {{"path", shape("math500")},
                             {"question_field", as_text("problem")},
                             {"answers_field", as_text("answer")},
                             {"id_field", as_text("unique_id")}});
  EXPECT_EQ(documents[0].text,
            "Question: What is the sum of the roots of $x^2 - 5x + 6 = 0$?\nAnswer: 5");
  EXPECT_EQ(answers_of(documents[1]), Texts{" \\frac{1}{4}"});
}

Given scbench(const std::string& name) {
  return {{"path", shape("scbench_" + name)},          {"context_field", as_text("context")},
          {"questions_field", as_text("multi_turns")}, {"question_field", as_text("input")},
          {"answers_field", as_text("answer")},        {"id_field", as_text("id")}};
}

TEST(JsonlTasks, ReadSeveralQuestionsOnOneContext) {
  Given given = scbench("kv");
  given["template"] = as_text("Extract the value.\n\n{context}\n\n{question}");
  const Document document = documents_of("jsonl", given).at(0);
  EXPECT_EQ(document.text,
            "Extract the value.\n\nJSON data:\n{\"c1f0\": \"90ab\", \"77e2\": \"1d4c\", \"5b3a\": "
            "\"e6f8\"}\n\nKey: \"77e2\"\nThe value associated with the specified key is: "
            "1d4c\n\nKey: \"c1f0\"\nThe value associated with the specified key is: 90ab");
  EXPECT_EQ(answers_of(document), (Texts{" 1d4c", " 90ab"}));
  for (const std::size_t q : {0U, 1U}) {
    EXPECT_EQ(question_text(document, q).substr(0, 6), "\n\nKey:");
  }
}

TEST(JsonlTasks, ReadListsOfNumbersAndNumbersAsAnswers) {
  Given given = scbench("mf");
  given["template"] = as_text("{context}\n\n{question}");
  const Document document = documents_of("jsonl", given).at(0);
  EXPECT_EQ(span_texts(document, "context"), Texts{"[31, 4, 15, 92, 65]"});
  EXPECT_EQ(answers_of(document), (Texts{" 92", " 31"}));
}

TEST(JsonlTasks, AnswerAChoiceWithTheLetter) {
  Given given = scbench("choice");
  given["options_field"] = as_text("options");
  const Document document = documents_of("jsonl", given).at(0);
  EXPECT_EQ(question_text(document, 0),
            "\n\nQuestion: What did the keeper count?\nA. Waves\nB. Birds\nC. Ships\nD. "
            "Steps\nAnswer:");
  EXPECT_EQ(answers_of(document), (Texts{" C", " A"}));
  EXPECT_EQ(references_of(document), (std::vector<Texts>{{"C", "Ships"}, {"A", "Granite"}}));
  EXPECT_EQ(document.answers[1].options, (Texts{"Granite", "Brick", "Wood", "Iron"}));
}

}  // namespace
}  // namespace pressroom::jsonl_shapes_test
