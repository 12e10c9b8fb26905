// What a worker writes to its standard output and standard error: kept in a file for each cell, and
// the last of it for messages. Plugins print, and one may print without end.
//
//   WorkerLog log;                                    // of the supervisor
//   log.set_folder("results/x/logs", names_of_cells);
//   log.read(pipe);
//   log.last_lines();
//
//   write_marker(index);                              // in the worker, before the cell
//
// Which cell something belongs to is said in the stream itself, by markers that the worker writes
// between what its plugins write.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pressroom {

// Writes to standard output that what follows is of the cell with this index in the plan.
void write_marker(std::size_t index);

class WorkerLog {
 public:
  WorkerLog() = default;
  ~WorkerLog() { close(); }
  WorkerLog(const WorkerLog&) = delete;
  WorkerLog& operator=(const WorkerLog&) = delete;

  // Where files go, and what those of the plan's cells are called. Before it is known, only the
  // last lines are kept.
  void set_folder(const std::filesystem::path& folder, std::vector<std::string> names) {
    folder_ = folder;
    names_ = std::move(names);
  }

  // Takes what has arrived at `pipe`, which does not block, by now. What is of a cell goes to
  // <folder>/<cell>.log, which is made when there is something to write, in place of an older one;
  // the first megabyte of it is kept. The rest goes to the end of <folder>/workers.log.
  void read(int pipe);
  // Begins anew, with another worker's output.
  void restart();

  // The last few lines of the cell, up to 400 bytes; "" where it wrote nothing.
  std::string last_lines() const;
  // Of the cell; "" where it wrote nothing.
  std::filesystem::path file() const;

 private:
  void take(std::string_view bytes);
  void begin_cell(std::size_t index);
  void write(const char* bytes, std::size_t size);
  void close();

  std::filesystem::path folder_;
  std::vector<std::string> names_;
  std::string cell_;
  std::string tail_;
  std::string half_marker_;   // the begin of a marker whose end has not come yet
  std::int64_t written_ = 0;  // bytes of this cell, those that are not kept included
  int descriptor_ = -1;
};

}  // namespace pressroom
