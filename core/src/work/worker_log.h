// What a worker writes to its standard output and standard error: kept in a file for each cell, and
// the last of it for messages. Plugins print, and one may print without end.
//
//   WorkerLog log;
//   log.set_folder("results/x/logs");
//   log.begin_cell("h2o_s0.9_ctx512_seed42");
//   log.read(pipe);
//   log.last_lines();
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace pressroom {

class WorkerLog {
 public:
  WorkerLog() = default;
  ~WorkerLog() { close(); }
  WorkerLog(const WorkerLog&) = delete;
  WorkerLog& operator=(const WorkerLog&) = delete;

  // Where files go. Before it is known, only the last lines are kept.
  void set_folder(const std::filesystem::path& folder) { folder_ = folder; }

  // What is read from now on is of this cell: it goes to <folder>/<cell>.log, which is made when
  // there is something to write, in place of an older one.
  void begin_cell(const std::string& cell);
  // What is read from now on is of no cell: it goes to the end of <folder>/workers.log.
  void end_cell();

  // Takes what has arrived at `pipe`, which does not block, by now. Of a cell the first megabyte is
  // kept in its file.
  void read(int pipe);

  // The last few lines of the cell, up to 400 bytes; "" where it wrote nothing.
  std::string last_lines() const;
  // Of the cell; "" where it wrote nothing.
  std::filesystem::path file() const;

 private:
  void write(const char* bytes, std::size_t size);
  void close();

  std::filesystem::path folder_;
  std::string cell_;
  std::string tail_;
  std::int64_t written_ = 0;  // bytes of this cell, those that are not kept included
  int descriptor_ = -1;
};

}  // namespace pressroom
