# Install rules: library, headers, CMake package and pkg-config file.
include(CMakePackageConfigHelpers)

if(CONCLAVE_PLANTED_BUGS)
    install(CODE "message(FATAL_ERROR \"a build with CONCLAVE_PLANTED_BUGS is never installed\")")
    return()
endif()

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/conclave)
install(TARGETS conclave EXPORT conclave
        RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/conclave
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")
install(DIRECTORY ${PROJECT_SOURCE_DIR}/src/metering/prices
        DESTINATION ${CMAKE_INSTALL_DATADIR}/conclave)
install(EXPORT conclave NAMESPACE conclave:: FILE conclave-targets.cmake
        DESTINATION ${package_dir})

configure_package_config_file(
    ${CMAKE_CURRENT_LIST_DIR}/conclave-config.cmake.in
    ${CMAKE_CURRENT_BINARY_DIR}/conclave-config.cmake
    INSTALL_DESTINATION ${package_dir})
# Before 1.0 a minor version may change the API.
write_basic_package_version_file(
    ${CMAKE_CURRENT_BINARY_DIR}/conclave-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/conclave-config.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/conclave-config-version.cmake
              ${CMAKE_CURRENT_LIST_DIR}/FindHttpParser.cmake
        DESTINATION ${package_dir})

# A static library hands its own libraries on to whoever links it; a shared one keeps them.
set(pc_requires "openssl sqlite3")
set(pc_libs "-lhttp_parser -pthread")
set(pc_cflags "")
if(BUILD_SHARED_LIBS)
    set(pc_requires "")
    set(pc_libs "")
    set(pc_cflags " -DCONCLAVE_SHARED")
endif()
file(RELATIVE_PATH pc_prefix /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
string(REGEX REPLACE "/$" "" pc_prefix "${pc_prefix}")
set(CONCLAVE_PKG_CONFIG_PREFIX ${pc_prefix} PARENT_SCOPE)  # for the C API's file
configure_file(${CMAKE_CURRENT_LIST_DIR}/conclave.pc.in
               ${CMAKE_CURRENT_BINARY_DIR}/conclave.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/conclave.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
