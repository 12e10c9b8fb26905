# Compiles the sources of a folder together, so that the headers they share are read once for all of
# them and not once for each: most of the time a source takes to compile is its headers'.
#
#   pressroom_unite(pressroom_core)
#
# Off (PRESSROOM_UNITY) for who edits one source again and again. Sources of one folder share a
# translation unit then, and so must not give two things in their anonymous namespaces one name. A
# source that cannot be compiled with others says so: SKIP_UNITY_BUILD_INCLUSION.
set(_pressroom_most_sources 20)  # of one unit: several units keep several cores busy

function(pressroom_unite target)
  if(NOT PRESSROOM_UNITY)
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  # GCC takes the sources that a unit includes for headers, where types of an anonymous namespace
  # would be a mistake.
  target_compile_options(${target} PRIVATE
    $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-subobject-linkage>)
  get_target_property(sources ${target} SOURCES)
  foreach(source IN LISTS sources)
    if(IS_ABSOLUTE "${source}")
      continue()  # made by the build
    endif()
    get_filename_component(folder "${source}" DIRECTORY)
    string(MAKE_C_IDENTIFIER "${folder}" folder)
    math(EXPR part "${_count_${folder}} + 0")
    math(EXPR _count_${folder} "${part} + 1")
    math(EXPR part "${part} / ${_pressroom_most_sources}")
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP "${folder}_${part}")
  endforeach()
endfunction()
