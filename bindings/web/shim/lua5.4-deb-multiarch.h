/* Debian's luaconf.h includes this header, which Debian's build generates. It is
   used in paths of modules, which lua_web.h defines. */
#define DEB_HOST_MULTIARCH "wasm32-wasi"
