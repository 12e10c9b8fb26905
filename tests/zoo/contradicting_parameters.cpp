// Declares parameters that no config could ever satisfy.
#include "specimen.h"

namespace zoo {

using pressroom::ParameterSpec;

class Muddled : public Specimen {
 public:
  pressroom::PluginInfo describe() const override {
    ParameterSpec text = pressroom::integer("window", 8, "");
    text.default_value = std::string("eight");
    return {
        "contradicts itself",
        "",
        {pressroom::integer("sinks", 4, ""), pressroom::integer("sinks", 8, ""),
         pressroom::integer("n_sink", 4, "").alias("sinks"), pressroom::boolean("name", true, ""),
         pressroom::number("Alpha", 0.5, ""), pressroom::number("share", 1.5, "").at_most(1),
         pressroom::integer_list("layers", {0, -1}, "").at_least(0),
         pressroom::string("pooling", "median", "").one_of({"max", "mean"}),
         pressroom::integer("kernel", 4, "").odd(), text}};
  }
};

}  // namespace zoo

PRESSROOM_METHOD(zoo::Muddled, "contradicting_parameters", "1.0.0")
