#include "sdk/json_record.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/file_kinds.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostValues = 1000000;
constexpr std::size_t kMostLevels = 16;

// Told of every token of a line in order. Looks at the outermost object's members, and of those
// that are wanted at all they hold.
class RecordReader final : public nlohmann::json_sax<Json> {
 public:
  RecordReader(JsonRecord& record, const std::set<std::string>& wanted)
      : record_(record), wanted_(wanted) {}

  const std::string& error() const { return error_; }  // why the line is no JSON; "": it is
  const std::string& type() const { return type_; }    // of the whole line

  bool null() override { return value({"null", "null"}); }
  bool boolean(bool is) override { return value({"boolean", is ? "true" : "false"}); }
  bool number_integer(std::int64_t number) override {
    return value({"number", std::to_string(number), true});
  }
  bool number_unsigned(std::uint64_t number) override {
    return value({"number", std::to_string(number), true});
  }
  // Whole numbers beyond 64 bits come here, too; `written` has all their digits.
  bool number_float(double, const std::string& written) override {
    return value({"number", written, written.find_first_of(".eE") == std::string::npos});
  }
  bool string(std::string& text) override {
    return value({"string", is_wanted() ? std::move(text) : std::string()});
  }
  bool binary(Json::binary_t&) override { return false; }  // JSON has none
  bool key(std::string& name) override {
    if (depth_ == 1) {
      name_ = std::move(name);
      record_.names.insert(name_);
    } else if (!open_.empty()) {
      open_.back()->names.push_back(std::move(name));
    }
    return true;
  }
  bool start_object(std::size_t) override { return start("object"); }
  bool start_array(std::size_t) override { return start("array"); }
  bool end_object() override { return end(); }
  bool end_array() override { return end(); }
  bool parse_error(std::size_t, const std::string&, const Json::exception& error) override {
    error_ = error.what();
    return false;
  }

 private:
  bool is_wanted() const { return !open_.empty() || (depth_ == 1 && wanted_.count(name_) > 0); }

  // Puts a wanted value where it belongs, and returns it there; null for one that is not wanted.
  JsonValue* put(JsonValue value) {
    if (depth_ == 0) type_ = value.type;
    if (!is_wanted()) return nullptr;
    if (!open_.empty() && ++nested_ > kMostValues) refuse("more than a million values");
    if (open_.empty()) return &member(std::move(value));
    return &open_.back()->items.emplace_back(std::move(value));
  }
  // A member of the record, in the place of an earlier one of that name.
  JsonValue& member(JsonValue value) {
    JsonValue& all = record_.values;
    const auto known = std::find(all.names.begin(), all.names.end(), name_);
    if (known != all.names.end()) {
      return all.items[static_cast<std::size_t>(known - all.names.begin())] = std::move(value);
    }
    all.names.push_back(name_);
    return all.items.emplace_back(std::move(value));
  }
  bool value(JsonValue value) {
    put(std::move(value));
    return true;
  }
  bool start(const char* type) {
    JsonValue* const container = put({type, ""});
    if (container != nullptr) open_.push_back(container);
    if (open_.size() > kMostLevels) refuse("more than 16 levels of lists and objects");
    ++depth_;
    return true;
  }
  bool end() {
    --depth_;
    if (!open_.empty()) open_.pop_back();
    return true;
  }
  [[noreturn]] void refuse(const std::string& got) const {
    throw BadLine{"the field \"" + name_ + "\" cannot be used", "a text, or a list of them", got,
                  kFixLine};
  }

  JsonRecord& record_;
  const std::set<std::string>& wanted_;
  std::string error_, type_;
  int depth_ = 0;
  std::size_t nested_ = 0;  // values inside of wanted members
  std::string name_;        // of the member at hand
  // The wanted containers that have begun and not ended, each the last item of the one before.
  std::vector<JsonValue*> open_;
};

// "parse error at column 14: ..." of "[json.exception.parse_error.101] parse error at line 1, ...".
std::string reason_of(std::string text) {
  text.erase(0, text.find("] ") + 2);
  const std::string line = "line 1, ";
  const std::size_t at = text.find(line);
  if (at != std::string::npos) text.erase(at, line.size());
  // The last token that was read can be the rest of the file.
  const std::string lead = "last read: '";
  const std::size_t token = text.find(lead);
  if (token == std::string::npos) return text;
  const std::size_t begin = token + lead.size();
  const std::size_t end = std::max(begin, std::min(text.rfind("'; expected "), text.rfind('\'')));
  return text.substr(0, begin) + start_of(text.substr(begin, end - begin)) +
         start_of(text.substr(end));
}

}  // namespace

const char* const kFixLine = "fix the line, or pass such lines over with on_bad_line: skip";

const JsonValue* JsonValue::find(const std::string& name) const {
  const auto found = std::find(names.rbegin(), names.rend(), name);
  return found == names.rend() ? nullptr
                               : &items[static_cast<std::size_t>(names.rend() - found) - 1];
}

std::string start_of(const std::string& text) {
  constexpr std::size_t kMostBytes = 200;
  if (text.size() <= kMostBytes) return text;
  std::size_t end = kMostBytes;
  // Not inside a character of UTF-8.
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

JsonRecord read_json_record(const std::string& line, const std::set<std::string>& wanted) {
  const std::size_t end = line.find_last_not_of("\r\n") + 1;
  JsonRecord record;
  record.values.type = "object";
  RecordReader reader(record, wanted);
  Json::sax_parse(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(end), &reader);
  if (!reader.error().empty()) {
    const std::string encoding = wide_encoding(line);
    throw BadLine{"the line is not JSON", "a JSON object in UTF-8 on each line",
                  reason_of(reader.error()),
                  encoding.empty() ? kFixLine
                                   : "it looks like " + encoding + "; convert the file: iconv -f " +
                                         encoding + " -t UTF-8"};
  }
  if (reader.type() == "object") return record;
  throw BadLine{"the line is no record", "a JSON object", "a JSON " + reader.type(),
                "a file that is one JSON array becomes JSON lines with jq -c '.[]' FILE"};
}

void refuse_missing(const std::string& field, const std::set<std::string>& names) {
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  const std::string close =
      closest_match(field, std::vector<std::string>(names.begin(), names.end()));
  throw BadLine{"the record has no field \"" + field + "\"", field,
                all.empty() ? "no fields" : "the fields " + start_of(all),
                close.empty() ? "name one of those" : "did you mean \"" + close + "\"?"};
}

}  // namespace pressroom
