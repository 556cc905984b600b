# SPDX-License-Identifier: Apache-2.0
# Build options and the flags that every target shares.
option(REELMILL_BUILD_TESTS "Build the tests" ON)
option(REELMILL_BUILD_BENCHMARKS "Build the benchmarks" OFF)
set(REELMILL_SANITIZE "" CACHE STRING "address,undefined or thread; empty for none")
option(REELMILL_COVERAGE "Instrument for line coverage" OFF)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()

add_library(reelmill_flags INTERFACE)
target_compile_options(reelmill_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
                       $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
target_include_directories(reelmill_flags INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/generated>)

if(REELMILL_SANITIZE)
  add_compile_options(-fsanitize=${REELMILL_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${REELMILL_SANITIZE})
  if(REELMILL_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize=vptr -fno-sanitize-recover=undefined)
  endif()
endif()
if(REELMILL_COVERAGE)
  # Threads count the same lines: without atomic counters, some counts come out negative.
  add_compile_options(--coverage -O0 -fprofile-update=atomic)
  add_compile_definitions(REELMILL_COVERAGE)
  add_link_options(--coverage)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Two relaxations without which precompiled headers are not cached; paths below the folder around this tree are relative, so that
  # several checkouts beside each other share what they compile.
  cmake_path(GET PROJECT_SOURCE_DIR PARENT_PATH ccache_base)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_BASEDIR=${ccache_base} ${CCACHE_PROGRAM})
endif()
find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()
