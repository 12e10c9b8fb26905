#include "report/figures/undated_pdf.h"

#include <qpdf/QPDF.hh>
#include <qpdf/QPDFWriter.hh>

namespace pressroom {

std::string undated_pdf(const std::string& pdf) {
  try {
    QPDF document;
    document.setSuppressWarnings(true);  // libraries do not print
    document.setAttemptRecovery(false);
    document.processMemoryFile("figure.pdf", pdf.data(), pdf.size());
    QPDFObjectHandle information = document.getTrailer().getKey("/Info");
    for (const char* date : {"/CreationDate", "/ModDate"}) {
      if (information.isDictionary()) information.removeKey(date);
    }
    QPDFWriter writer(document);
    writer.setOutputMemory();
    writer.setDeterministicID(true);
    writer.write();
    const auto bytes = writer.getBufferSharedPointer();
    return std::string(reinterpret_cast<const char*>(bytes->getBuffer()), bytes->getSize());
  } catch (const std::exception&) {
    return pdf;
  }
}

}  // namespace pressroom
