/** What a newcomer finds in GraphiQL: the estate as it is, and the changes as they come. */
export const EXAMPLE_QUERY = `# The estate as it is. Press the button and choose an operation; Ctrl-Space completes fields.
query Estate {
  estateSummary { total online degraded offline unknown }
  devices(first: 40) {
    nodes {
      name site status statusReason observedAt
      ... on FidaDisplay { power brightnessPercent temperatureCelsius model }
      ... on EntertainmentDevice { roundTripTimeMs lossRatio }
      ... on SignagePlayer { playerState channelName onAir }
    }
  }
}

# Every change as it happens, each with the device as it is now.
subscription Changes {
  deviceStatusChanged {
    at from to reason
    device { name site ... on FidaDisplay { brightnessPercent } }
  }
}
`;
