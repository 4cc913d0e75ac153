# What `cmake --install` leaves: headers, both libraries, find_package(wengert CONFIG) and wengert.pc.  The tree may be moved afterwards.
#
# wengert::wengert is the shared library, wengert::static the archive; both come with every install.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/wengert)
install(TARGETS wengert wengert_static EXPORT wengert_targets FILE_SET HEADERS)
install(EXPORT wengert_targets FILE wengert-targets.cmake NAMESPACE wengert:: DESTINATION ${cmake_dir})

configure_package_config_file(scripts/cmake/wengert-config.cmake.in wengert-config.cmake INSTALL_DESTINATION ${cmake_dir})
write_basic_package_version_file(wengert-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/wengert-config.cmake ${PROJECT_BINARY_DIR}/wengert-config-version.cmake DESTINATION ${cmake_dir})

# The prefix is worked out from where the .pc file lies, so that it stays right in a tree that was moved or installed with --prefix.
set(PC_PREFIX ${CMAKE_INSTALL_PREFIX})
set(PC_LIBDIR ${CMAKE_INSTALL_FULL_LIBDIR})
set(PC_INCLUDEDIR ${CMAKE_INSTALL_FULL_INCLUDEDIR})
if(NOT IS_ABSOLUTE ${CMAKE_INSTALL_LIBDIR})
    file(RELATIVE_PATH up /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
    string(REGEX REPLACE "/$" "" PC_PREFIX "\${pcfiledir}/${up}")
    set(PC_LIBDIR "\${prefix}/${CMAKE_INSTALL_LIBDIR}")
    if(NOT IS_ABSOLUTE ${CMAKE_INSTALL_INCLUDEDIR})
        set(PC_INCLUDEDIR "\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}")
    endif()
endif()
set(PC_REQUIRES_PRIVATE "")
if(ZLIB_FOUND)
    set(PC_REQUIRES_PRIVATE zlib)
endif()
set(PC_LIBS_PRIVATE "-l${WG_LIBM} -pthread")
if(WENGERT_BLAS)
    list(JOIN BLAS_LIBRARIES " " blas)
    string(APPEND PC_LIBS_PRIVATE " ${blas}")
endif()
configure_file(scripts/cmake/wengert.pc.in wengert.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/wengert.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
