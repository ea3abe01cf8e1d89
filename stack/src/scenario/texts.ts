export { baseModel } from './acts/models.ts';
export { type Content, type Contents, contentUri, jsonContent } from './contents.ts';
export { installedNodeModules, openLibrary, type Text } from './library.ts';
export { createStore } from './store.ts';
export { themes } from './themes.ts';
