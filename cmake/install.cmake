# What `cmake --install` leaves: headers, both libraries, find_package(wengert CONFIG) and wengert.pc.  The tree may be moved afterwards.
