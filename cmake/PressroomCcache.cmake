# A compiler cache that helps in every checkout, not only in the one that filled it.
#
# What a compiler is told must be the same in two checkouts of one commit. So: paths below the source
# folder reach ccache as relative ones (CCACHE_BASEDIR), the folder a compiler runs in is not part of
# the key (CCACHE_NOHASHDIR), and __FILE__ and debug information name files relative to the source
# folder. No target may put a checkout's path into a definition; where one source needs such a path,
# the definition is set for that source alone (tests/CMakeLists.txt, core/CMakeLists.txt).
#
# CMAKE_CXX_COMPILER_LAUNCHER, when given, is taken as it is.
add_compile_options(-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=)
if(PRESSROOM_PCH)
  add_compile_options(-fpch-preprocess)  # without it ccache cannot see which headers were used
endif()

find_program(CCACHE ccache)
find_program(ENV_PROGRAM env)
if(CCACHE AND ENV_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # The two kinds of sloppiness are what ccache asks for where headers are precompiled; with the cache
  # of hashes by inode it reads a precompiled header of 300 MB once and not for every source.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${ENV_PROGRAM}
    CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 CCACHE_INODECACHE=1
    CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()
