#include "sdk/declaration_json.h"

#include <gtest/gtest.h>

#include <string>

namespace pressroom {
namespace {

bool same(const ParameterSpec& a, const ParameterSpec& b) {
  return a.name == b.name && a.type == b.type && a.default_value == b.default_value &&
         a.minimum == b.minimum && a.maximum == b.maximum && a.is_odd == b.is_odd &&
         a.choices == b.choices && a.aliases == b.aliases && a.help_text == b.help_text;
}

TEST(DeclarationJson, EveryKindOfParameterComesBackAsItWas) {
  PluginInfo info;
  info.summary = "says \"caf\xc3\xa9\"\nand more";
  info.paper = "Someone et al., 2024";
  info.parameters = {boolean("flag", true, "a flag"),
                     integer("kernel", 5, "box").at_least(1).at_most(99).odd().alias("width"),
                     integer("large", std::int64_t{1} << 60, "more than a double holds"),
                     number("scale", 0.1, "a factor").at_least(0),
                     string("mode", "a", "which").one_of({"a", "b"}),
                     optional_path("file", "a file"),
                     tokens_or_fraction("recent", 0.2, "newest"),
                     integer_list("layers", {1, 2}, "layers").at_least(0),
                     number_list("weights", {0.5, 1e-300}, "weights"),
                     string_list("words", {"x", "y"}, "words"),
                     required("threshold", ParameterType::kNumber, "must be given"),
                     inner_method("inner", "wrapped")};
  const std::string text = declaration_text(info);
  EXPECT_EQ(text.find('\n'), std::string::npos);
  const std::optional<PluginInfo> back = declaration_from_text(text);
  ASSERT_TRUE(back.has_value()) << text;
  EXPECT_EQ(back->summary, info.summary);
  EXPECT_EQ(back->paper, info.paper);
  ASSERT_EQ(back->parameters.size(), info.parameters.size());
  for (std::size_t i = 0; i < info.parameters.size(); ++i) {
    EXPECT_TRUE(same(back->parameters[i], info.parameters[i])) << info.parameters[i].name;
  }
}

TEST(DeclarationJson, WhatIsNoDeclarationIsNone) {
  const std::string parameter = R"("name": "n", "type": "integer", "help": "")";
  const auto of = [](const std::string& one) {
    return R"({"summary": "", "paper": "", "parameters": [{)" + one + "}]}";
  };
  ASSERT_TRUE(declaration_from_text(of(parameter)).has_value());
  const std::string cases[] = {"",
                               "{",
                               "[]",
                               "7",
                               R"({"summary": ""})",
                               R"({"summary": 1, "paper": "", "parameters": []})",
                               R"({"summary": "", "paper": "", "parameters": [1]})",
                               of(R"("name": "n", "type": "integers", "help": "")"),
                               of(R"("name": "n", "type": "integer")"),
                               of(parameter + R"(, "default": "4")"),
                               of(parameter + R"(, "minimum": "0")"),
                               of(parameter + R"(, "choices": [1])"),
                               of(parameter + R"(, "aliases": "a")")};
  for (const std::string& text : cases) {
    EXPECT_FALSE(declaration_from_text(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace pressroom
