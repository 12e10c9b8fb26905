# Text files as constants of a C++ source, so that a program carries them with it:
#
#   cmake -D OUTPUT=assets.cpp -D HEADER=report/html/assets.h
#         -D TEXTS=kReportCss=report.css,kReportJs=report.js -P PressroomEmbed.cmake
#
# A text may hold anything but `)pressroom"`.
set(source "#include \"${HEADER}\"\n\nnamespace pressroom {\n\n")
string(REPLACE "," ";" TEXTS "${TEXTS}")
foreach(text IN LISTS TEXTS)
  string(REGEX MATCH "^([^=]+)=(.*)$" matched "${text}")
  set(name ${CMAKE_MATCH_1})
  file(READ ${CMAKE_MATCH_2} content)
  string(APPEND source "const char ${name}[] = R\"pressroom(${content})pressroom\";\n\n")
endforeach()
string(APPEND source "}  // namespace pressroom\n")
file(WRITE ${OUTPUT} "${source}")
