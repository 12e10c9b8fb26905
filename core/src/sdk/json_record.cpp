#include "sdk/json_record.h"

#include <nlohmann/json.hpp>

namespace pressroom {
namespace {

using Json = nlohmann::json;

// Told of every token of a line in order. Only the outermost object's members are looked at.
class RecordReader final : public nlohmann::json_sax<Json> {
 public:
  RecordReader(JsonRecord& record, const std::set<std::string>& wanted)
      : record_(record), wanted_(wanted) {}

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
    }
    return true;
  }
  bool start_object(std::size_t) override { return start("object"); }
  bool start_array(std::size_t) override { return start("array"); }
  bool end_object() override { return end(); }
  bool end_array() override { return end(); }
  bool parse_error(std::size_t, const std::string&, const Json::exception& error) override {
    record_.error = error.what();
    return false;
  }

 private:
  bool is_wanted() const { return depth_ == 1 && wanted_.count(name_) > 0; }
  bool value(JsonMember member) {
    if (depth_ == 0) record_.type = member.type;
    if (is_wanted()) record_.members[name_] = std::move(member);
    return true;
  }
  bool start(const char* type) {
    value({type, ""});
    ++depth_;
    return true;
  }
  bool end() {
    --depth_;
    return true;
  }

  JsonRecord& record_;
  const std::set<std::string>& wanted_;
  int depth_ = 0;
  std::string name_;  // of the member at hand
};

}  // namespace

JsonRecord read_json_record(std::string_view line, const std::set<std::string>& wanted) {
  JsonRecord record;
  RecordReader reader(record, wanted);
  Json::sax_parse(line.begin(), line.end(), &reader);
  return record;
}

}  // namespace pressroom
