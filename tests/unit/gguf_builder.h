// GGUF files for tests, written from the format's definition.
//
//   GgufBuilder gguf;
//   gguf.text("general.architecture", "llama").whole("llama.block_count", 1);
//   gguf.tensor("output_norm.weight", 0, {2}, encoded({1, 2}, "F32"));
//   write_file(path, gguf.bytes());
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pressroom {

template <typename Number>
std::string little_endian(Number number) {
  return std::string(reinterpret_cast<const char*>(&number), sizeof(number));
}

inline std::string gguf_text(const std::string& text) {
  return little_endian<std::uint64_t>(text.size()) + text;
}

class GgufBuilder {
 public:
  GgufBuilder& whole(const std::string& key, std::uint32_t value) {
    return pair(key, 4, little_endian(value));
  }
  GgufBuilder& number(const std::string& key, float value) {
    return pair(key, 6, little_endian(value));
  }
  GgufBuilder& text(const std::string& key, const std::string& value) {
    return pair(key, 8, gguf_text(value));
  }
  // `value` as its bytes lie in the file.
  GgufBuilder& pair(const std::string& key, std::uint32_t type, const std::string& value) {
    ++pair_count_;
    pairs_ += gguf_text(key) + little_endian(type) + value;
    return *this;
  }

  // `shape` is outermost first.
  GgufBuilder& tensor(const std::string& name, std::uint32_t type,
                      const std::vector<std::int64_t>& shape, const std::string& data) {
    data_.resize((data_.size() + alignment_ - 1) / alignment_ * alignment_);
    tensor_at(name, type, shape, data_.size());
    data_ += data;
    return *this;
  }
  // Names an offset without putting anything there.
  GgufBuilder& tensor_at(const std::string& name, std::uint32_t type,
                         const std::vector<std::int64_t>& shape, std::uint64_t offset) {
    ++tensor_count_;
    tensors_ += gguf_text(name) + little_endian(static_cast<std::uint32_t>(shape.size()));
    for (auto extent = shape.rbegin(); extent != shape.rend(); ++extent) {
      tensors_ += little_endian(*extent);
    }
    tensors_ += little_endian(type) + little_endian(offset);
    return *this;
  }
  // Of the tensors that follow; the key is set, too.
  GgufBuilder& alignment(std::uint32_t alignment) {
    alignment_ = alignment;
    return whole("general.alignment", alignment);
  }

  std::string bytes(std::uint32_t version = 3) const {
    std::string bytes = "GGUF" + little_endian(version) + little_endian(tensor_count_) +
                        little_endian(pair_count_) + pairs_ + tensors_;
    if (tensor_count_ > 0) bytes.resize((bytes.size() + alignment_ - 1) / alignment_ * alignment_);
    return bytes + data_;
  }

 private:
  std::uint64_t tensor_count_ = 0, pair_count_ = 0, alignment_ = 32;
  std::string pairs_, tensors_, data_;
};

}  // namespace pressroom
