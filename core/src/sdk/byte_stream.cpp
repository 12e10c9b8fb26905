#include "sdk/byte_stream.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/file_kinds.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPieceBytes = 1 << 18;

std::string reason_of_system() { return std::error_code(errno, std::generic_category()).message(); }

}  // namespace

ByteStream::ByteStream(fs::path path) : path_(std::move(path)), raw_(kPieceBytes) {
  if (std::vector<Problem> problems = foreign_format(path_.string()); !problems.empty()) {
    throw Error(std::move(problems));
  }
  open();
  fill();
  const std::string compression = compression_of(input_);
  decoder_ = make_decoder(compression);
  if (decoder_ != nullptr) decoded_.resize(kPieceBytes);
  check_compression(compression);
}

void ByteStream::open() {
  std::error_code failed;
  const PathKind kind = kind_at(path_, failed);
  // Opening a pipe would wait for a writer, so that what is there is looked at first.
  if (kind == PathKind::kFile) {
    file_.reset(std::fopen(path_.c_str(), "rbe"));
    if (file_ == nullptr) failed.assign(errno, std::generic_category());
  }
  if (file_ == nullptr) {
    throw Error({"a text cannot be used", path_.string(), "a readable file", words_of(kind, failed),
                 is_waited_for(kind) ? kNoPipes : "check the path and its permissions"});
  }
  std::setvbuf(file_.get(), nullptr, _IONBF, 0);
}

void ByteStream::check_compression(const std::string& compression) {
  const std::string ending = compression_ending(path_.filename().string());
  if (ending.empty() || ending == compression) return;
  // read() says it first where the file is a stand-in, such as a Git LFS pointer.
  const std::string_view piece = read();
  throw Error({"the file is not what its name says", path_.string(), "data compressed as " + ending,
               piece.empty() ? "an empty file" : "a file that begins with " + quoted_start(piece),
               "fetch it again: this is often what a download that failed leaves"});
}

std::string_view ByteStream::read() {
  if (ended_) return {};
  const std::string_view piece = next_piece();
  ended_ = piece.empty();
  if (bytes_ == 0) {
    std::vector<Problem> problems = stand_in(path_.string(), piece.substr(0, kStandInBytes));
    if (!problems.empty()) throw Error(std::move(problems));
  }
  bytes_ += static_cast<std::int64_t>(piece.size());
  lines_ += std::count(piece.begin(), piece.end(), '\n');
  return piece;
}

// The next bytes of the file into input_, which is empty.
void ByteStream::fill() {
  const std::size_t count = std::fread(raw_.data(), 1, raw_.size(), file_.get());
  if (std::ferror(file_.get()) != 0) {
    throw Error({"the file cannot be read to its end", path_.string(), "a whole file",
                 reason_of_system() + ", after " + std::to_string(bytes_) + " bytes of text",
                 "check the disk or network that it is on"});
  }
  input_ = std::string_view(raw_.data(), count);
  // fread stops short at an end or an error, and errors are thrown above.
  file_ended_ = count < raw_.size();
}

std::string_view ByteStream::next_piece() {
  if (decoder_ != nullptr) return decoded_piece();
  if (input_.empty() && !file_ended_) fill();
  const std::string_view piece = input_;
  input_ = {};
  return piece;
}

std::string_view ByteStream::decoded_piece() {
  while (true) {
    // One call late: the text before the damage is given first, and counted for the message.
    if (bad_) fail(*bad_);
    if (input_.empty() && !file_ended_) fill();
    const Decoder::Step step =
        decoder_->step(input_, file_ended_, decoded_.data(), decoded_.size());
    // Before the step takes its input: one that had none and gives nothing means a cut file.
    const bool at_end = input_.empty() && file_ended_;
    input_.remove_prefix(step.taken);
    bad_ = step.bad;
    if (step.given > 0) return {decoded_.data(), step.given};
    if (step.complete) return {};
    if (at_end && !bad_) bad_ = BadStream{"the end is missing", ""};
  }
}

void ByteStream::fail(const BadStream& bad) const {
  const std::string where = path_.string() + ":" + std::to_string(lines_ + 1);
  const std::string so_far = ", after " + std::to_string(bytes_) + " bytes of text";
  if (!bad.command.empty()) {
    throw Error({"the file cannot be uncompressed here", where, "data that take less memory",
                 bad.reason + so_far,
                 bad.command + " " + path_.string() + ", then give what came out of it"});
  }
  throw Error({"the file ends early or is damaged", where, "a whole file", bad.reason + so_far,
               "fetch it again, and compare its size or checksum with the source's"});
}

}  // namespace pressroom
