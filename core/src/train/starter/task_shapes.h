// The shapes that samples of tasks.h come in.
//
//   for (const TaskShape shape : task_shapes()) print(task_name(shape));   // "niah_single_1", ...
#pragma once

#include <cstdint>
#include <vector>

namespace pressroom {

// Named as the recipe's settings, of which they have the kinds and counts.
enum class TaskShape {
  kSingle1,        // a number in noise
  kSingle2,        // a number in prose
  kSingle3,        // a uuid in prose
  kMultikey1,      // one of four keys in prose
  kMultikey2,      // one of as many keys as fit
  kMultikey3,      // the same of uuids for uuids
  kMultivalue,     // four values of one key in prose, in the order they stand there
  kMultiquery,     // the values of four keys in prose
  kPairs,          // uuids for uuids as a JSON object
  kVariables,      // a chain of four assignments in noise
  kVariablesShown  // the same behind a solved example
};

const std::vector<TaskShape>& task_shapes();

// "niah_single_1", "kv_pairs", "vt" (kVariablesShown): as in training_log.jsonl.
const char* task_name(TaskShape shape);

struct TaskSpec {
  TaskShape shape;
  std::int64_t length_tokens;
  bool is_dense = false;
};

}  // namespace pressroom
