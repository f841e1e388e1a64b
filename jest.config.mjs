// By their configuration: jest would take a folder without one for the whole workspace.
const of = (folder) => `<rootDir>/${folder}/*/jest.config.mjs`;

export default { projects: ['apps', 'libs', 'tools'].map(of) };
