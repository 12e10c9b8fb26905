# A hash of what the SDK's headers declare: that of their text without comments and white space.
#
#   pressroom_interface_hash(hash <folder that holds pressroom/*.h> [HEADER...])
#
# C++ objects cross the border between the harness and a plugin, so both must have been compiled from
# the same declarations: a member more, or two virtual functions in another order, and one calls into
# the wrong place of the other. The hash stands in every plugin's manifest, and the harness compares
# it before any code of the plugin runs. It is taken of the headers a plugin is compiled against, when
# its project is configured, and again when one of them changes. HEADERs are the names of those that
# count, by default all that are there: an installed folder may still hold some of an older version.
function(pressroom_interface_hash result include_dir)
  set(headers ${ARGN})
  if(NOT headers)
    file(GLOB headers CONFIGURE_DEPENDS RELATIVE "${include_dir}/pressroom"
      "${include_dir}/pressroom/*.h")
  endif()
  list(SORT headers)
  set(declarations "")
  foreach(name IN LISTS headers)
    set(header "${include_dir}/pressroom/${name}")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${header}")
    set(text "")
    if(EXISTS "${header}")
      file(READ "${header}" text)
    endif()
    string(REGEX REPLACE "//[^\n]*" "" text "${text}")
    string(REGEX REPLACE "[ \t\r\n]+" " " text "${text}")
    string(APPEND declarations "${name}:${text}\n")
  endforeach()
  string(SHA256 hash "${declarations}")
  string(SUBSTRING "${hash}" 0 16 hash)
  set(${result} "${hash}" PARENT_SCOPE)
endfunction()
