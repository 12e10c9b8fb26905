#include "report/undated_pdf.h"

#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "trace/deflate.h"

namespace pressroom {
namespace {

constexpr std::string_view kStamp = "/CreationDate (D:";
constexpr std::string_view kNoTime = "19700101000000";
constexpr std::size_t kMostInflated = 64 << 20;  // a figure's objects are some kilobytes

// Whether there was a stamp, D:20240229120000. Nothing behind it moves.
bool clear_stamp(std::string& text) {
  const std::size_t found = text.find(kStamp);
  if (found == std::string::npos || found + kStamp.size() + kNoTime.size() > text.size()) {
    return false;
  }
  text.replace(found + kStamp.size(), kNoTime.size(), kNoTime);
  return true;
}

// The zlib stream that `bytes` begin with.
std::optional<std::string> inflated(std::string_view bytes) {
  z_stream stream = {};
  if (inflateInit(&stream) != Z_OK) return {};
  // zlib does not write to what it reads.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string text;
  int code = Z_OK;
  while (code == Z_OK && text.size() < kMostInflated) {
    const std::size_t done = text.size();
    text.resize(done + (1 << 16));
    stream.next_out = reinterpret_cast<Bytef*>(text.data() + done);
    stream.avail_out = 1 << 16;
    code = ::inflate(&stream, Z_NO_FLUSH);
    text.resize(text.size() - stream.avail_out);
  }
  ::inflateEnd(&stream);
  return code == Z_STREAM_END ? std::optional<std::string>(text) : std::nullopt;
}

// The whole number behind `key` in `text`; nothing where there is none.
std::optional<std::size_t> number_after(std::string_view text, std::string_view key) {
  std::size_t at = text.find(key);
  if (at == std::string_view::npos) return {};
  at = text.find_first_not_of(" \n", at + key.size());
  std::size_t value = 0;
  std::size_t digits = 0;
  while (at < text.size() && text[at] >= '0' && text[at] <= '9' && ++digits < 12) {
    value = 10 * value + static_cast<std::size_t>(text[at++] - '0');
  }
  return digits > 0 ? std::optional<std::size_t>(value) : std::nullopt;
}

// An object with a stream, in parts: "8 0 obj\n<< ... >>\nstream\n", the content, "\nendstream
// ...".
struct StreamObject {
  std::string head;
  std::string content;
  std::string tail;
};

std::optional<StreamObject> stream_object(const std::string& object) {
  constexpr std::string_view kBegin = "stream\n";
  const std::size_t begin = object.find(kBegin);
  const std::size_t end = object.rfind("\nendstream");
  if (begin == std::string::npos || end == std::string::npos || end < begin + kBegin.size()) {
    return {};
  }
  const std::size_t content = begin + kBegin.size();
  return StreamObject{object.substr(0, content), object.substr(content, end - content),
                      object.substr(end)};
}

// The objects of a file whose table of them is a stream (7.5.8), and that table.
class Objects {
 public:
  // False where the file is not as expected.
  bool read(const std::string& pdf) {
    const std::size_t last = pdf.rfind("startxref");
    if (last == std::string::npos) return false;
    const auto table_at = number_after(std::string_view(pdf).substr(last), "startxref");
    if (!table_at || *table_at >= last) return false;
    const auto table = stream_object(pdf.substr(*table_at, last - *table_at));
    if (!table || table->head.find("/XRef") == std::string::npos ||
        table->head.find("/Index") != std::string::npos || !read_entries(*table)) {
      return false;
    }
    std::vector<std::size_t> starts;
    for (const auto& [number, offset] : offsets_) starts.push_back(offset);
    starts.push_back(*table_at);
    std::sort(starts.begin(), starts.end());
    starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
    if (starts.back() != *table_at) return false;
    front_ = pdf.substr(0, starts.front());
    for (std::size_t i = 0; i + 1 < starts.size(); ++i) {
      objects_[starts[i]] = pdf.substr(starts[i], starts[i + 1] - starts[i]);
    }
    table_ = *table;
    table_start_ = *table_at;
    return true;
  }

  bool clear_stamps() {
    bool any = false;
    for (auto& [start, object] : objects_) {
      if (object.find("/ObjStm") == std::string::npos) continue;
      auto parts = stream_object(object);
      auto text = parts ? inflated(parts->content) : std::nullopt;
      if (!text || !clear_stamp(*text)) continue;
      const auto length = number_after(parts->head, "/Length");
      parts->content = deflate(*text);
      object = parts->head + parts->content + parts->tail;
      any = length && set_length(*length, parts->content.size());
    }
    return any;
  }

  // Nothing where an offset has no room in the table.
  std::optional<std::string> text() const {
    std::string pdf = front_;
    std::map<std::size_t, std::size_t> moved;
    for (const auto& [start, object] : objects_) {
      moved[start] = pdf.size();
      pdf += object;
    }
    moved[table_start_] = pdf.size();
    std::string entries = entries_;
    for (const auto& [number, offset] : offsets_) {
      std::size_t rest = moved.at(offset);
      for (std::size_t i = widths_[1]; i-- > 0; rest >>= 8) {
        entries[number * row_ + widths_[0] + i] = static_cast<char>(rest & 0xff);
      }
      if (rest != 0) return {};
    }
    const std::string content = deflate(entries);
    const std::size_t at = table_.head.find("/Length ") + 8;
    const std::size_t end = table_.head.find_first_not_of("0123456789", at);
    return pdf + table_.head.substr(0, at) + std::to_string(content.size()) +
           table_.head.substr(end) + content + table_.tail + "startxref\n" +
           std::to_string(moved.at(table_start_)) + "\n%%EOF\n";
  }

 private:
  bool read_entries(const StreamObject& table) {
    const std::size_t at = table.head.find("/W [");
    const auto entries = inflated(table.content);
    if (at == std::string::npos || !entries) return false;
    if (table.head.find("/Length ") == std::string::npos) return false;
    for (std::size_t i = 0; i < 3; ++i) {
      widths_[i] = static_cast<std::size_t>(table.head[at + 4 + 2 * i] - '0');
      if (widths_[i] > 8) return false;
      row_ += widths_[i];
    }
    if (widths_[0] != 1 || row_ == 0 || entries->size() % row_ != 0) return false;
    entries_ = *entries;
    for (std::size_t number = 0; number * row_ < entries_.size(); ++number) {
      if (entries_[number * row_] != 1) continue;  // 1: an object in the file, by its offset
      std::size_t offset = 0;
      for (std::size_t i = 0; i < widths_[1]; ++i) {
        offset = offset << 8 | static_cast<unsigned char>(entries_[number * row_ + 1 + i]);
      }
      offsets_[number] = offset;
    }
    return !offsets_.empty();
  }

  // The object `number` is a length: "18 0 obj\n   275\nendobj".
  bool set_length(std::size_t number, std::size_t length) {
    const auto offset = offsets_.find(number);
    if (offset == offsets_.end() || objects_.count(offset->second) == 0) return false;
    objects_[offset->second] =
        std::to_string(number) + " 0 obj\n   " + std::to_string(length) + "\nendobj\n";
    return true;
  }

  std::string front_;
  std::map<std::size_t, std::string> objects_;  // by where they were
  std::map<std::size_t, std::size_t> offsets_;  // by number
  std::string entries_;
  std::size_t widths_[3] = {};
  std::size_t row_ = 0;
  StreamObject table_;
  std::size_t table_start_ = 0;
};

}  // namespace

std::string undated_pdf(std::string pdf) {
  if (pdf.rfind("%PDF-", 0) != 0 || clear_stamp(pdf)) return pdf;
  Objects objects;
  if (!objects.read(pdf) || !objects.clear_stamps()) return pdf;
  return objects.text().value_or(pdf);
}

}  // namespace pressroom
