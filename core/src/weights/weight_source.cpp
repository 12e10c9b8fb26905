#include "weights/weight_source.h"

namespace pressroom {

WeightSource::~WeightSource() = default;

}  // namespace pressroom
