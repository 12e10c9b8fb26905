# How plugins are built, in Pressroom's own tree and outside it.
#
#   find_package(Pressroom REQUIRED)
#   pressroom_add_method(my_method my_method.cpp)      # PRESSROOM_METHOD(..., "my_method", ...)
#   pressroom_add_dataset(my_corpus my_corpus.cpp)     # PRESSROOM_DATASET
#   pressroom_add_metric(my_metric my_metric.cpp)      # PRESSROOM_METRIC
#
# Each makes a target pressroom_<kind>_<name>, to which more libraries can be linked, and a file of
# that name with .so behind it: in <build>/plugins in Pressroom's own tree, in the project's binary
# folder elsewhere. `cmake --install` copies it, byte for byte, among the plugins of the prefix; a
# project that is told no prefix has that of the Pressroom it found. After linking, the file's
# manifest is compared with what was asked for here, and what the plugin says of itself is added to
# it, so that it can be listed without being run. The manifest holds a hash of the headers that the
# plugin was compiled against.

# A method is tried by the tests of its project, on what holds for every method (`pressroom test`):
#
#   enable_testing()
#   pressroom_test_method(my_method)                   # or "{name: my_method, window: 8}"
#
# A method that was written in Python and saved as TorchScript becomes such a plugin, too: it carries
# the saved module with it, and has the parameters of the method torchscript but its file.
#
#   pressroom_add_python_press(my_press FILE my_press.pt VERSION 0.1.0
#     SUMMARY "keeps keys unlike the average key"      # one line, for `pressroom list`
#     PAPER "Park et al. 2025, arXiv:2504.15364"       # optional
#     CAUSAL)                                          # optional: the default of `causal` is true
#
# This file is also the script that does so: cmake -DFILE=... -DKIND=... -DNAME=... -DDESCRIBE=...
# -DOBJCOPY=... -P.
if(CMAKE_SCRIPT_MODE_FILE)
  cmake_policy(VERSION 3.18)
  file(STRINGS "${FILE}" manifest REGEX "^(kind|name)=.*$")
  foreach(line "kind=${KIND}" "name=${NAME}")
    if(NOT line IN_LIST manifest)
      file(REMOVE "${FILE}")
      message(FATAL_ERROR "${FILE}: the plugin's manifest has no line \"${line}\"\n"
        "  do: register the class with the macro and the name that pressroom_add_${KIND} was given")
    endif()
  endforeach()
  set(text "${FILE}.description")
  # A plugin holds on to its objects for as long as it likes: no leak of this short life matters.
  execute_process(
    COMMAND ${CMAKE_COMMAND} -E env ASAN_OPTIONS=detect_leaks=0 "${DESCRIBE}" "${FILE}"
    OUTPUT_FILE "${text}" ERROR_VARIABLE reason RESULT_VARIABLE failed TIMEOUT 120)
  if(NOT failed)
    execute_process(
      COMMAND "${OBJCOPY}" --remove-section .pressroom_description
        --add-section ".pressroom_description=${text}"
        --set-section-flags .pressroom_description=readonly "${FILE}"
      ERROR_VARIABLE reason RESULT_VARIABLE failed)
  endif()
  file(REMOVE "${text}")
  if(failed)
    message("${FILE}: `pressroom list` will have no summary of it: it could not be asked for one "
      "(${failed})\n${reason}")
  endif()
  return()
endif()

include("${CMAKE_CURRENT_LIST_DIR}/PressroomInterfaceHash.cmake")

function(_pressroom_add_plugin kind name)
  if(NOT name MATCHES "^[a-z][a-z0-9_]*$")
    message(FATAL_ERROR "pressroom_add_${kind}: \"${name}\" cannot be a plugin's name; "
      "use lower-case letters, digits and underscores, and a letter first")
  endif()
  if(NOT ARGN)
    message(FATAL_ERROR "pressroom_add_${kind}(${name}): no source files")
  endif()

  get_target_property(installed Pressroom::sdk IMPORTED)
  if(installed)
    set(folder ${PROJECT_BINARY_DIR})
    set(describe Pressroom::describe_plugin)
    get_target_property(include_dir Pressroom::sdk INTERFACE_INCLUDE_DIRECTORIES)
    list(GET include_dir 0 include_dir)
    pressroom_interface_hash(interface ${include_dir} ${Pressroom_HEADERS})
    if(NOT interface STREQUAL Pressroom_INTERFACE_HASH)
      message(FATAL_ERROR "the headers in ${include_dir}/pressroom are not those that Pressroom was "
        "built with: it would not load what is built with them\n"
        "  expected: interface ${Pressroom_INTERFACE_HASH}\n  got:      interface ${interface}\n"
        "  do:       build Pressroom and install it again")
    endif()
  else()
    set(folder ${CMAKE_BINARY_DIR}/plugins)
    set(describe pressroom_describe_plugin)
    set(interface ${Pressroom_INTERFACE_HASH})
  endif()

  set(target pressroom_${kind}_${name})
  add_library(${target} MODULE ${ARGN})
  # Hidden, inline functions too: nothing of one plugin can then stand in for another's.
  set_target_properties(${target} PROPERTIES
    PREFIX ""
    SUFFIX ".so"
    DEBUG_POSTFIX ""
    DEFINE_SYMBOL ""
    LIBRARY_OUTPUT_DIRECTORY "$<1:${folder}>"
    # One run path from the start, which finds the libraries of other projects and those beside the
    # plugin: what is installed is then the file that was built, with its hash.
    BUILD_WITH_INSTALL_RPATH ON
    INSTALL_RPATH "$ORIGIN;${CMAKE_INSTALL_RPATH}"
    INSTALL_RPATH_USE_LINK_PATH ON
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON)
  target_compile_features(${target} PRIVATE cxx_std_17)
  target_compile_definitions(${target} PRIVATE PRESSROOM_INTERFACE_HASH="${interface}")
  target_link_libraries(${target} PRIVATE Pressroom::sdk)
  add_dependencies(${target} ${describe})
  # A forgotten library is an error here, not on the day the plugin is loaded.
  target_link_options(${target} PRIVATE LINKER:-z,defs)
  add_custom_command(TARGET ${target} POST_BUILD
    COMMAND ${CMAKE_COMMAND} -DFILE=$<TARGET_FILE:${target}> -DKIND=${kind} -DNAME=${name}
            -DDESCRIBE=$<TARGET_FILE:${describe}> -DOBJCOPY=${CMAKE_OBJCOPY}
            -P ${CMAKE_CURRENT_FUNCTION_LIST_FILE}
    VERBATIM)
  install(TARGETS ${target} LIBRARY DESTINATION ${Pressroom_PLUGIN_DIR})
endfunction()

function(pressroom_add_method name)
  _pressroom_add_plugin(method ${name} ${ARGN})
endfunction()

function(pressroom_add_python_press name)
  cmake_parse_arguments(PARSE_ARGV 1 press "CAUSAL" "FILE;VERSION;SUMMARY;PAPER" "")
  set(where "pressroom_add_python_press(${name})")
  if(press_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "${where}: no such argument: ${press_UNPARSED_ARGUMENTS}")
  endif()
  foreach(word FILE VERSION SUMMARY)
    if("${press_${word}}" STREQUAL "")
      message(FATAL_ERROR "${where}: ${word} is missing")
    endif()
  endforeach()
  if(NOT press_VERSION MATCHES "^[0-9]+\\.[0-9]+\\.[0-9]+$")
    message(FATAL_ERROR "${where}: VERSION is not of the form 0.1.0: \"${press_VERSION}\"")
  endif()
  # They go into a source as they are.
  foreach(word SUMMARY PAPER)
    if("${press_${word}}" MATCHES "\n|\\)pressroom\"")
      message(FATAL_ERROR "${where}: ${word} is not one line of plain text")
    endif()
  endforeach()

  get_filename_component(module "${press_FILE}" ABSOLUTE)
  set(start "")
  if(EXISTS "${module}" AND NOT IS_DIRECTORY "${module}")
    file(READ "${module}" start LIMIT 2 HEX)
  endif()
  if(NOT start STREQUAL "504b")  # PK: what TorchScript saves is a zip archive
    message(FATAL_ERROR "${where}: FILE is no module that was saved as TorchScript\n"
      "  where:    ${module}\n"
      "  expected: what torch.jit.script(module).save(file) writes\n"
      "  do:       save it there; where it is a Git LFS pointer: git lfs pull")
  endif()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${module}")
  # In messages; the folder is the builder's, and no part of the plugin.
  get_filename_component(press_FILE "${module}" NAME)

  set(causal false)
  if(press_CAUSAL)
    set(causal true)
  endif()
  set(source "${CMAKE_CURRENT_BINARY_DIR}/pressroom_python_press/${name}.cpp")
  # By itself, as a source that is compiled with others does not depend on more than its text; the
  # others are compiled together: reading libtorch's headers takes most of the time.
  set_source_files_properties("${source}" PROPERTIES
    OBJECT_DEPENDS "${module}" SKIP_UNITY_BUILD_INCLUSION ON)
  string(REGEX REPLACE "([\\\"])" "\\\\\\1" module "${module}")  # as the assembler reads a path
  set(shared ${Pressroom_PYTHON_PRESS_SOURCES})
  list(TRANSFORM shared PREPEND "${Pressroom_PYTHON_PRESS_DIR}/")
  configure_file("${Pressroom_PYTHON_PRESS_DIR}/python_press.cpp.in" "${source}" @ONLY)
  _pressroom_add_plugin(method ${name} "${source}" ${shared})
  target_include_directories(pressroom_method_${name} PRIVATE "${Pressroom_PYTHON_PRESS_DIR}")
  set_target_properties(pressroom_method_${name} PROPERTIES UNITY_BUILD ON)
endfunction()

# A ctest that has Pressroom's program try the method: both engines, every protocol, invariants,
# repetition, causality, and dense where the budget holds everything. `use`: as a config has it.
function(pressroom_test_method use)
  string(MAKE_C_IDENTIFIER "${use}" test)
  if(TARGET pressroom)
    add_test(NAME pressroom_${test} COMMAND pressroom test "${use}")
  else()
    add_test(NAME pressroom_${test}
      COMMAND ${Pressroom_PROGRAM} test "${use}" --plugin-dir ${PROJECT_BINARY_DIR})
  endif()
endfunction()

function(pressroom_add_dataset name)
  _pressroom_add_plugin(dataset ${name} ${ARGN})
endfunction()

function(pressroom_add_metric name)
  _pressroom_add_plugin(metric ${name} ${ARGN})
endfunction()
