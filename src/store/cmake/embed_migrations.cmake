# Writes OUTPUT, a C++ source with the texts of FILES (<number>_<name>.sql), in order.
cmake_minimum_required(VERSION 3.22)
list(SORT FILES)
set(rows "")
set(expected 0)
foreach(file ${FILES})
    cmake_path(GET file STEM stem)
    if(NOT stem MATCHES "^([0-9][0-9][0-9][0-9])_([a-z0-9_]+)$")
        message(FATAL_ERROR "${file} is not named <four digits>_<name>.sql")
    endif()
    set(name ${CMAKE_MATCH_2})
    math(EXPR expected "${expected} + 1")
    string(REGEX REPLACE "^0+" "" version ${CMAKE_MATCH_1})
    if(NOT version EQUAL expected)
        message(FATAL_ERROR "${file} should have the number ${expected}")
    endif()
    file(SHA256 ${file} checksum)
    file(READ ${file} sql)
    if(sql MATCHES "\\)migration\"")
        message(FATAL_ERROR "${file} holds the mark that ends its text")
    endif()
    string(APPEND rows "    {${version}, \"${name}\", \"${checksum}\",\n"
                       "     R\"migration(${sql})migration\"},\n")
endforeach()
file(WRITE ${OUTPUT} "// The migrations of the store. Written by embed_migrations.cmake.
#include \"store/migrations.hpp\"

namespace conclave::store {

namespace {

constexpr migration all[] = {
${rows}};

}  // namespace

std::span<const migration> migrations() { return all; }

}  // namespace conclave::store
")
