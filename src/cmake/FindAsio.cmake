# Finds standalone Asio (Debian: libasio-dev) and defines Asio::Asio.
find_path(Asio_INCLUDE_DIR asio.hpp)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Asio REQUIRED_VARS Asio_INCLUDE_DIR)
mark_as_advanced(Asio_INCLUDE_DIR)

if(Asio_FOUND AND NOT TARGET Asio::Asio)
    find_package(Threads REQUIRED)
    add_library(Asio::Asio INTERFACE IMPORTED)
    target_include_directories(Asio::Asio INTERFACE ${Asio_INCLUDE_DIR})
    target_link_libraries(Asio::Asio INTERFACE Threads::Threads)
    # Asio 1.22 does not see the coroutines of clang 14 with libstdc++.
    target_compile_definitions(Asio::Asio INTERFACE
        ASIO_STANDALONE ASIO_NO_DEPRECATED
        $<$<CXX_COMPILER_ID:Clang>:ASIO_HAS_CO_AWAIT>
        $<$<CXX_COMPILER_ID:Clang>:ASIO_HAS_STD_COROUTINE>)
endif()
