#include "report/studies/study.h"

#include <algorithm>

namespace pressroom {

const StudyMethod* StudySetting::method(const std::string& label) const {
  const auto found = std::find_if(methods.begin(), methods.end(),
                                  [&](const StudyMethod& method) { return method.label == label; });
  return found == methods.end() ? nullptr : &*found;
}

}  // namespace pressroom
