export default {
  title: 'Memory of this tablet',
  holds: 'Papers held: {papers}, {mb} MB.',
  is_full: 'The tablet is full: new pages can be read only with a network. Delete pictures, apps or old papers on it.',
  offline: 'What has been fetched opens without a network.',
  offline_kept: 'What has been fetched opens without a network; the tablet does not clear it by itself.',
  no_offline: 'This tablet does not trust the server’s certificate and cannot open without a network. Ask a technician to install it.',
  install: 'Install on the home screen',
  empty: 'Delete papers from the tablet',
}
