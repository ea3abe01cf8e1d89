/** Queries that GraphiQL opens with, each in its own tab; all of them answer with data on the local stack. */
export const exampleTabs: readonly string[] = [
  `# How fresh is all this, and which contracts is it of?
query Freshness {
  _meta {
    block
    timestamp
    headBlock
    headSeenAt
    finalBlock
    lag { blocks seconds }
    ready
    reason
    chainId
    chains { name chainId block timestamp finalBlock }
    contracts { name address }
  }
}
`,
  `# The datanets with the most contributions, and who leads in each.
query Datanets {
  datanets(first: 10, orderBy: { field: CONTRIBUTION_COUNT, direction: DESC }) {
    totalCount
    nodes {
      datanetId
      name
      visibility
      contributionCount
      acceptedCount
      rowCount
      owner { address }
      contributors(first: 3, orderBy: { field: ACCEPTED_COUNT, direction: DESC }) {
        totalCount
        nodes { contributorAddress acceptedCount attributed }
      }
    }
  }
}
`,
  `# The newest accepted contributions, with their scores and where they went.
query Contributions {
  contributions(first: 10, filter: { status: { eq: ACCEPTED } }) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes {
      contributionId
      datanet { name }
      contributor { address }
      uri
      rowCount
      score
      scores { nodes { validatorAddress score revealedAt } }
      createdAt
      createdTransaction
    }
  }
}
`,
  `# From a datanet's data to the models trained on it.
query Provenance {
  datanets(first: 5, orderBy: { field: UPDATED_AT, direction: DESC }) {
    nodes {
      name
      versions(first: 3) { nodes { version dataRoot contributionCount rowCount createdAt } }
      trainings(first: 5) {
        nodes { modelVersionNumber datanetVersionNumber model { modelId name owner { address } } }
      }
    }
  }
}
`,
  `# Models: prices, versions, where they are served, what they earned.
query Models {
  models(first: 10) {
    nodes {
      modelId
      name
      status
      inputPricePer1k
      outputPricePer1k
      versions(first: 3) { nodes { version rank adapterHash } }
      deployments(filter: { active: { eq: true } }) { nodes { version worker { address endpoint } } }
      inferenceCount
      fees
    }
  }
}
`,
  `# Where models are served right now, and how busy their workers are.
# Signed in, or with a key with INFER, ask one: mutation { infer(input: { modelId: 0, prompt: "# Installation" }) { text } }
query Serving {
  deployments(first: 10, filter: { active: { eq: true } }) {
    nodes {
      version
      model { modelId name inputPricePer1k outputPricePer1k }
      live { state isOnline running loadMs lastUsedAt error }
      worker { endpoint live { state backend running waiting tokensPerSecond lastSeenAt } }
    }
  }
}
`,
  `# One account: what it owns, gave, holds and did last.
query Accounts {
  accounts(first: 3, orderBy: { field: EVENT_COUNT, direction: DESC }) {
    nodes {
      address
      eventCount
      balances { nodes { token { symbol } balance votes } }
      contributions(first: 3) { totalCount nodes { contributionId status attributed } }
      stakes(first: 3) { nodes { role amount } }
      activity(first: 5) { nodes { timestamp contractName event args } }
    }
  }
}
`,
  `# Everything that happened, newest first.
query Activity {
  activity(first: 20) {
    totalCount
    nodes { timestamp block contractName event actorAddress subjectType subjectId args }
  }
}
`,
  `# Who holds how much OPEN, and who votes with how much GOPEN.
query Tokens {
  tokens {
    nodes {
      symbol
      totalSupply
      holderCount
      transferCount
      balances(first: 5, orderBy: { field: BALANCE, direction: DESC }) {
        nodes { accountAddress balance votes delegateAddress }
      }
    }
  }
}
`,
  `# What governance decides: parameters, proposals and votes.
query Governance {
  proposals(first: 5) {
    nodes {
      description
      status
      voteStart
      voteEnd
      forVotes
      againstVotes
      abstainVotes
      votes(first: 5) { nodes { voterAddress support weight reason } }
      actions { target calldata }
    }
  }
  parameters(first: 20) { nodes { contractName name value } }
}
`,
  `# The protocol by hour.
query Rollups {
  protocolRollups(interval: HOUR) {
    bucket
    events
    newAccounts
    activeAccounts
    contributionsSubmitted
    contributionsAccepted
    rowsAccepted
    staked
    votes
  }
}
`,
];
