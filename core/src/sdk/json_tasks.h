// From a JSON record to a task (pressroom/task_record.h).
#pragma once

#include <set>
#include <string>

#include "pressroom/task_record.h"
#include "sdk/json_record.h"

namespace pressroom {

// The members of a record in which `fields` are looked up, for read_json_record.
std::set<std::string> wanted_members(const TaskFields& fields);

// Context and questions of a record. Throws BadLine for one that lacks a field, whose fields are of
// another type, that asks nothing, or whose answers are none: empty, no option, not in the context.
TaskRecord task_of(const JsonRecord& record, const TaskFields& fields);

}  // namespace pressroom
