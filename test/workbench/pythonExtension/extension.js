// The interpreter chosen for a folder is the one that the setting `chosenPython` names.
const vscode = require('vscode');

exports.activate = () => ({
  environments: {
    getActiveEnvironmentPath: (resource) => {
      const path = vscode.workspace.getConfiguration(undefined, resource).get('chosenPython');
      return { id: path, path };
    },
    resolveEnvironment: async ({ id, path }) => ({
      id,
      path,
      executable: { uri: vscode.Uri.file(path) },
    }),
  },
});
