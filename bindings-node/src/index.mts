/** The door for `import`. Behind it is the same code as behind `require`: one library loaded, one class of each name. */

export * from './index.js';
