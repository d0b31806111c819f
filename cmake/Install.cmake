# `cmake --install`: the headers, a CMake package (find_package(brasa), components brasa and checkpoint)
# and two pkg-config files. Nothing is compiled, so nothing depends on the machine.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_dir ${CMAKE_INSTALL_DATADIR}/cmake/brasa)

install(
  DIRECTORY include/brasa
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING
  PATTERN "*.hpp"
  PATTERN "*.inc")
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/licenses/brasa)

# One set of targets per component: whoever wants the core alone needs no nlohmann_json.
install(TARGETS brasa EXPORT brasa)
install(EXPORT brasa FILE brasaTargets.cmake NAMESPACE brasa:: DESTINATION ${package_dir})
if(TARGET brasa_checkpoint)
  install(TARGETS brasa_checkpoint EXPORT brasa_checkpoint)
  install(EXPORT brasa_checkpoint FILE brasaCheckpointTargets.cmake NAMESPACE brasa::
          DESTINATION ${package_dir})
endif()

configure_package_config_file(cmake/brasaConfig.cmake.in ${PROJECT_BINARY_DIR}/brasaConfig.cmake
                              INSTALL_DESTINATION ${package_dir})
# Before 1.0 a new minor version may break what was (Semantic Versioning, point 4).
write_basic_package_version_file(${PROJECT_BINARY_DIR}/brasaConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${PROJECT_BINARY_DIR}/brasaConfig.cmake
              ${PROJECT_BINARY_DIR}/brasaConfigVersion.cmake DESTINATION ${package_dir})

foreach(name IN ITEMS brasa brasa-checkpoint)
  if(name STREQUAL "brasa" OR TARGET brasa_checkpoint)
    configure_file(cmake/${name}.pc.in ${PROJECT_BINARY_DIR}/${name}.pc @ONLY)
    install(FILES ${PROJECT_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_DATADIR}/pkgconfig)
  endif()
endforeach()
