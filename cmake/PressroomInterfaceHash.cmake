# A hash of what the SDK's headers declare: that of their text without comments and white space.
#
#   pressroom_interface_hash(hash <folder that holds pressroom/*.h>)
#
# C++ objects cross the border between the harness and a plugin, so both must have been compiled from
# the same declarations: a member more, or two virtual functions in another order, and one calls into
# the wrong place of the other. The hash stands in every plugin's manifest, and the harness compares
# it before any code of the plugin runs. It is taken of the headers a plugin is compiled against, when
# its project is configured, and again when one of them changes.
function(pressroom_interface_hash result include_dir)
  file(GLOB headers CONFIGURE_DEPENDS "${include_dir}/pressroom/*.h")
  list(SORT headers)
  set(declarations "")
  foreach(header IN LISTS headers)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${header}")
    file(READ "${header}" text)
    string(REGEX REPLACE "//[^\n]*" "" text "${text}")
    string(REGEX REPLACE "[ \t\r\n]+" " " text "${text}")
    get_filename_component(name "${header}" NAME)
    string(APPEND declarations "${name}:${text}\n")
  endforeach()
  string(SHA256 hash "${declarations}")
  string(SUBSTRING "${hash}" 0 16 hash)
  set(${result} "${hash}" PARENT_SCOPE)
endfunction()
