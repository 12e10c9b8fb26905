#include "task_parameters.h"

#include "pressroom/error.h"

namespace pressroom {

Declaration<TaskParameters> TaskParameters::declare() {
  using Own = TaskParameters;
  return Declaration<Own>("what a record asks")
      .parameter(&Own::answers_field,
                 string("answers_field", "",
                        "the answers that are accepted; with it records are tasks, without texts"))
      .parameter(&Own::question_field, string("question_field", "", "what is asked"))
      .parameter(&Own::context_field, string("context_field", "", "what it is asked about"))
      .parameter(&Own::options_field, string("options_field", "", "the options of a choice"))
      .parameter(&Own::questions_field,
                 string("questions_field", "",
                        "a list of objects that have question, answers and options: several "
                        "questions about one context"))
      .parameter(&Own::form_text,
                 string("template", "",
                        "how {context}, {question} and {options} are put together; none: "
                        "\"{context}\\n\\nQuestion: {question}\\nAnswer:\", of what there is"))
      .parameter(&Own::answer_after,
                 string("answer_after", "", "what an answer proper follows, as \"#### \""))
      .parameter(&Own::answer_must_occur,
                 boolean("answer_must_occur", false,
                         "a record none of whose answers stands in its context is a bad line; "
                         "where they stand is named as evidence"))
      .parameter(
          &Own::most_tokens,
          integer("most_tokens", 0, "of a generated answer; 0: what the campaign says").at_least(0))
      .parameter(&Own::stop, string_list("stop", {}, "texts before which a generated answer ends"))
      .parameter(&Own::on_long,
                 string("on_long", "fail",
                        "a task longer than the context: stop there, pass it over and count it, "
                        "or cut out the middle of its context")
                     .one_of({"fail", "skip", "middle"}));
}

void TaskParameters::configure(const Parameters& parameters) {
  static const Declaration<TaskParameters> declaration = declare();
  declaration.configure(*this, parameters);
  check();
}

void TaskParameters::check() const {
  if (asks()) {
    if (!answer_must_occur || !context_field.empty()) return;
    throw Error({"answers cannot occur in a context that there is not", "dataset jsonl",
                 "a \"context_field\"", "answer_must_occur: true without one",
                 "name the field, or leave answer_must_occur out"});
  }
  const std::vector<std::pair<const char*, bool>> given = {
      {"question_field", !question_field.empty()},
      {"context_field", !context_field.empty()},
      {"options_field", !options_field.empty()},
      {"questions_field", !questions_field.empty()},
      {"template", !form_text.empty()},
      {"answer_after", !answer_after.empty()},
      {"answer_must_occur", answer_must_occur},
      {"most_tokens", most_tokens > 0},
      {"stop", !stop.empty()},
      {"on_long", on_long != "fail"}};
  for (const auto& [parameter, is_given] : given) {
    if (!is_given) continue;
    throw Error({"a task has questions without answers", "dataset jsonl",
                 std::string("an \"answers_field\" beside \"") + parameter + '"', "none",
                 "name the field with the answers, or leave the others out to read plain text"});
  }
}

TaskFields TaskParameters::fields() const {
  return {context_field,   question_field, answers_field,    options_field,
          questions_field, answer_after,   answer_must_occur};
}

TaskForm TaskParameters::form() const {
  TaskForm form;
  form.text = parsed_template(form_text, fields());
  form.most_tokens = most_tokens;
  form.stop = stop;
  form.marks_evidence = answer_must_occur;
  form.on_long = on_long == "skip"     ? OnLong::kSkip
                 : on_long == "middle" ? OnLong::kMiddle
                                       : OnLong::kFail;
  return form;
}

}  // namespace pressroom
