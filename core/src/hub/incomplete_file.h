// A download that is not finished: <etag>.incomplete, which the next attempt, or the next run, goes
// on from. What is in it is known by its name to be a part of the same bytes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>

#include "hub/http.h"

namespace pressroom {

class IncompleteFile final : public HttpSink {
 public:
  using OnBytes = std::function<void(std::int64_t done)>;

  // Opens `file`, or creates it. `size` is what it will have, where that is known; a file that is
  // longer starts anew, and so does a link, which is replaced. `name` is what messages call it.
  // Throws Error when it cannot be written.
  IncompleteFile(std::filesystem::path file, std::string name, std::optional<std::int64_t> size,
                 OnBytes on_bytes);
  ~IncompleteFile() override;
  IncompleteFile(const IncompleteFile&) = delete;
  IncompleteFile& operator=(const IncompleteFile&) = delete;

  std::int64_t offset() const override { return offset_; }
  // Throws Error when the server's file has another size, or another part was sent.
  void begin(const HttpAnswer& answer) override;
  void write(std::string_view bytes) override;
  bool complete() const override { return !size_ || offset_ == *size_; }

  // Starts anew.
  void clear();
  // Returns when the bytes are on the disk.
  void sync();

 private:
  void check_size(std::int64_t size) const;

  const std::filesystem::path file_;
  const std::string name_;
  std::optional<std::int64_t> size_;
  const OnBytes on_bytes_;
  int descriptor_ = -1;
  std::int64_t offset_ = 0;
};

}  // namespace pressroom
