# Embeds src/store/migrations/*.sql into conclave_store; a new or changed file is noticed.
file(GLOB migration_files CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/../migrations/*.sql)
set(migrations_cpp ${CMAKE_CURRENT_BINARY_DIR}/store/migrations.cpp)
add_custom_command(
    OUTPUT ${migrations_cpp}
    COMMAND ${CMAKE_COMMAND} -D "FILES=${migration_files}" -D "OUTPUT=${migrations_cpp}"
            -P ${CMAKE_CURRENT_LIST_DIR}/embed_migrations.cmake
    DEPENDS ${migration_files} ${CMAKE_CURRENT_LIST_DIR}/embed_migrations.cmake
    COMMENT "Embedding the store's migrations"
    VERBATIM)
target_sources(conclave_store PRIVATE ${migrations_cpp})
