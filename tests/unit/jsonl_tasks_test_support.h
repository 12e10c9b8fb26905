// What the tests of jsonl's tasks share: a file of records, and how it is read.
#pragma once

#include <string>
#include <vector>

#include "made_tasks_test_support.h"

namespace pressroom {

inline std::string as_text(const char* value) { return value; }

class JsonlTaskFiles : public testing::Test {
 protected:
  // One record, and how it is read: fields c, q and a, a field not being there where it is "".
  Given record(const std::string& line) const {
    write_file(folder_.path() / "r.jsonl", line + "\n");
    return {{"path", (folder_.path() / "r.jsonl").string()},
            {"context_field", as_text("c")},
            {"question_field", as_text("q")},
            {"answers_field", as_text("a")}};
  }
  static std::vector<Document> documents_in(const Given& given, const ReadingContext& context) {
    return made_documents("jsonl", given, context);
  }

 private:
  ScratchFolder folder_;
};

}  // namespace pressroom
