# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` puts where, and what find_package(reelmill) finds:
#   reelmill::reelmill     the shared library that stages and plugins link
#   reelmill::resilience   breaker, retry, limits and batching alone, for any C++20 program
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/reelmill)
set(header_dir ${CMAKE_INSTALL_INCLUDEDIR}/reelmill)

# Headers keep their paths below include/reelmill, so that a plugin includes "stages/api/registry.h"
# as our own sources do.
foreach(room base fingerprint resilience media stages/api)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${room}/ DESTINATION ${header_dir}/${room}
          FILES_MATCHING PATTERN "*.h")
endforeach()
install(FILES ${PROJECT_BINARY_DIR}/generated/base/version.h DESTINATION ${header_dir}/base)

target_compile_features(reelmill PUBLIC cxx_std_20)
target_include_directories(reelmill INTERFACE $<INSTALL_INTERFACE:${header_dir}>)

# The room alone, with what it needs of base/, as a static library.
add_library(reelmill_resilience_static STATIC
            $<TARGET_OBJECTS:reelmill_resilience> $<TARGET_OBJECTS:reelmill_base>)
set_target_properties(reelmill_resilience_static PROPERTIES
                      OUTPUT_NAME reelmill_resilience EXPORT_NAME resilience LINKER_LANGUAGE CXX)
target_compile_features(reelmill_resilience_static PUBLIC cxx_std_20)
target_include_directories(reelmill_resilience_static INTERFACE $<INSTALL_INTERFACE:${header_dir}>)
target_link_libraries(reelmill_resilience_static PUBLIC
                      tl::expected nlohmann_json::nlohmann_json spdlog::spdlog_header_only
                      Threads::Threads PkgConfig::openssl PkgConfig::xxhash)

install(TARGETS reelmill reelmill_resilience_static EXPORT reelmillTargets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT reelmillTargets NAMESPACE reelmill:: DESTINATION ${package_dir})

if(TARGET reelmill_tool)
  set_target_properties(reelmill_tool PROPERTIES
                        INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
  install(TARGETS reelmill_tool RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/configs/ DESTINATION ${CMAKE_INSTALL_DATADIR}/reelmill/configs
        FILES_MATCHING PATTERN "*.yaml")
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/schema/
        DESTINATION ${CMAKE_INSTALL_DATADIR}/reelmill/schema FILES_MATCHING PATTERN "*.json")

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/reelmillConfig.cmake.in
                              ${PROJECT_BINARY_DIR}/reelmillConfig.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/reelmillConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/reelmillConfig.cmake
              ${PROJECT_BINARY_DIR}/reelmillConfigVersion.cmake DESTINATION ${package_dir})
