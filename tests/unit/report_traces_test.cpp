#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "campaign_writer.h"
#include "markup_check.h"
#include "report/html/html_text.h"
#include "report/html/trace_view.h"
#include "report_campaign.h"
#include "scratch_folder.h"
#include "trace/trace_file.h"
#include "trace_test_support.h"

namespace pressroom::report_traces_test {
namespace {

using Json = nlohmann::ordered_json;

// One window of five tokens, traced at two sparsities.
class TracesTest : public ::testing::Test {
 protected:
  TracesTest() {
    std::vector<CellResult> results = report_campaign();
    for (const double sparsity : {0.5, 0.7}) {
      results.push_back(results[1]);
      results.back().cell.sparsity = sparsity;
    }
    write_campaign(folder_.path(), "traced", results);
    Trace trace = small_trace();
    trace.header.ids_sha256 = std::string(64, 'e');
    trace.with_scores = false;
    for (const char* sparsity : {"0.5", "0.7", "0.9"}) {
      write_trace(folder_.path() / ("h2o_s" + std::string(sparsity) + "_ctx1024_seed42.0.trace"),
                  trace);
    }
  }

  void write_tokens(const Json& tokens) const {
    write_file_atomically(folder_.path() / "tokens" / (std::string(64, 'e') + ".json"),
                          Json({{"tokens", tokens}}).dump());
  }

  TraceView view(std::size_t budget = kTraceBudgetBytes) const {
    return trace_view(read_campaign(folder_.path()), "dense", budget);
  }

  ScratchFolder folder_;
};

TEST_F(TracesTest, PackLifetimesOfTheLowestAndHighestSparsity) {
  write_tokens({"It", " is", " a", " </script>", "."});
  const TraceView traces = view();
  ASSERT_EQ(traces.runs.size(), 2u);
  EXPECT_EQ(traces.runs[0].sparsity, 0.9);
  EXPECT_EQ(traces.runs[1].sparsity, 0.5);
  ASSERT_EQ(traces.documents.size(), 1u);
  EXPECT_EQ(traces.documents[0].tokens.size(), 5u);
  // 1 leaves after token 2, 3 and 0 after token 4; the others live on. uint16, little endian:
  // 4, 1, lives on, 1, lives on.
  EXPECT_EQ(traces.runs[0].lifetimes, base64(std::string("\4\0\1\0\xff\xff\1\0\xff\xff", 10)));
  ASSERT_EQ(traces.notes.size(), 1u);  // 0.7 is left out, and it says so
  const std::string section = traces_section(traces);
  EXPECT_EQ(unbalanced_tag(section), "");
  EXPECT_EQ(section.find("</script>"), section.rfind("</script>"));  // its own
  EXPECT_TRUE(has(section, "<section id=\"traces\""));
}

TEST_F(TracesTest, WithoutTheTextTokensAreShownByPositionAndItSaysSo) {
  EXPECT_TRUE(view().documents[0].tokens.empty());
  EXPECT_TRUE(has(traces_section(view()), "tokens are shown by position"));
  write_tokens({"too", "few"});
  EXPECT_TRUE(view().documents[0].tokens.empty());
}

TEST_F(TracesTest, ADamagedTraceIsANote) {
  write_file_atomically(folder_.path() / "h2o_s0.9_ctx1024_seed42.0.trace", "no trace");
  const TraceView traces = view();
  EXPECT_EQ(traces.runs.size(), 1u);
  EXPECT_TRUE(has(traces_section(traces), "cannot be read"));
}

TEST_F(TracesTest, KeepToTheirBudgetByAveraging) {
  Trace trace = small_trace();
  trace.header.ids_sha256 = std::string(64, 'e');
  trace.with_scores = false;
  const std::vector<EvictionLog> heads = {trace.evictions[0][0], EvictionLog(5)};  // and one that
  trace.evictions = {heads, heads};                                                // keeps all
  const auto file = folder_.path() / "h2o_s0.9_ctx1024_seed42.0.trace";
  write_trace(file, trace);
  EXPECT_EQ(view().runs[0].kv_heads, 2);
  const TraceView by_layer = view(2 * 30);  // 53 bytes would be needed for four heads
  ASSERT_GE(by_layer.runs.size(), 1u);
  EXPECT_EQ(by_layer.runs[0].averaged, "over KV heads");
  EXPECT_EQ(by_layer.runs[0].layers, 2);
  // Token 0: 4 and the rest of the document, 4; token 1: 1 and 3; token 3: 1 and 1.
  const std::string layer("\4\0\2\0\xff\xff\1\0\xff\xff", 10);
  EXPECT_EQ(by_layer.runs[0].lifetimes, base64(layer + layer));
  EXPECT_EQ(view(2 * 15).runs[0].averaged, "over layers and KV heads");
  EXPECT_TRUE(view(4).runs.empty());
}

}  // namespace
}  // namespace pressroom::report_traces_test
